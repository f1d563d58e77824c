using System.Net.Http.Json;
using System.Text.Json;
using KisFeed.Simulator.Market;

namespace KisFeed.Soak.Service;

/// <summary>The service that the client has its feeds from: simulators, one after another, at one port.</summary>
internal sealed class SimulatedService : IAsyncDisposable
{
    // How far a market may have come for the next to go on where it was. What was before is gone through for each instrument, while
    // all others wait; with this much that takes about a second.
    private const double MostEventsBefore = 5_000_000;

    // Asked and acted upon by one at a time, so that nobody asks a simulator that has just been killed.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly double _events;
    private readonly int _seed;
    private SimulatorProcess _process;
    private TimeOnly _startedAt = MarketHours.Opening;
    private long _framesBefore;

    private SimulatedService(double events, int seed, SimulatorProcess process)
    {
        _events = events;
        _seed = seed;
        _process = process;
        WebSocketUrl = new Uri($"ws://127.0.0.1:{process.Port}");
    }

    public Uri WebSocketUrl { get; }

    /// <summary>How often a market has begun anew at the opening, with volumes smaller than those before.</summary>
    public int BegunAnew { get; private set; }

    /// <summary>Starts the first simulator.</summary>
    /// <param name="events">Market events a second.</param>
    /// <param name="seed">What the market is made from.</param>
    public static async Task<SimulatedService> StartAsync(double events, int seed) =>
        new(events, seed, await SimulatorProcess.StartAsync(0, events, seed, MarketHours.Opening));

    /// <summary>Replaces the faults.</summary>
    public Task SetFaultsAsync(params string[] faults) => InTurnAsync(async () =>
    {
        using var body = JsonContent.Create(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["faults"] = faults });
        using var response = await _http.PutAsync(At("/admin/faults"), body);
        response.EnsureSuccessStatusCode();
        return true;
    });

    /// <summary>Cuts or silences connections.</summary>
    /// <param name="action"><c>drop</c> or <c>silence</c>.</param>
    /// <param name="place">Which of the open sessions is meant, counted round and round; <see langword="null"/> for all.</param>
    public Task ActAsync(string action, int? place) => InTurnAsync(async () =>
    {
        var path = $"/admin/{action}";
        if (place is not null)
        {
            var numbers = (await StateAsync()).GetProperty("sessions").EnumerateArray().Select(s => s.GetProperty("session").GetInt64()).ToArray();
            if (numbers.Length == 0)
                return false;
            path += $"?session={numbers[place.Value % numbers.Length]}";
        }

        // The session may have ended by itself since.
        using var response = await _http.PostAsync(At(path), null);
        return response.IsSuccessStatusCode;
    });

    /// <summary>Kills the simulator and starts another, which goes on where it was unless that was far into the day.</summary>
    public Task RestartAsync() => InTurnAsync(async () =>
    {
        _framesBefore += (await ReadStatisticsAsync()).FramesSent;
        await _process.KillAsync();
        var next = _startedAt.Add(TimeSpan.FromSeconds(Math.Ceiling(_process.Age.TotalSeconds)));
        if ((next - MarketHours.Opening).TotalSeconds * _events > MostEventsBefore)
        {
            next = MarketHours.Opening;
            BegunAnew++;
        }

        var port = _process.Port;
        _process.Dispose();
        _startedAt = next;
        _process = await SimulatorProcess.StartAsync(port, _events, _seed, next);
        return true;
    });

    /// <summary>What has been sent since the first simulator started, and what the present one holds.</summary>
    public Task<(long FramesSent, int Registrations)> StatisticsAsync() => InTurnAsync(async () =>
    {
        var (sent, registrations) = await ReadStatisticsAsync();
        return (_framesBefore + sent, registrations);
    });

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> act)
    {
        await _turn.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<(long FramesSent, int Registrations)> ReadStatisticsAsync()
    {
        var statistics = (await StateAsync()).GetProperty("statistics");
        return (statistics.GetProperty("frames_sent").GetInt64(), statistics.GetProperty("registrations").GetInt32());
    }

    private Uri At(string path) => new($"http://127.0.0.1:{_process.Port}{path}");

    private Task<JsonElement> StateAsync() => _http.GetFromJsonAsync<JsonElement>(At("/admin/faults"));
}
