using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using KisFeed.Simulator.Market;
using KisFeed.TestSupport;

namespace KisFeed.Soak.Service;

/// <summary>The client's service: consecutive simulators on one port.</summary>
internal sealed class SimulatedService : IAsyncDisposable
{
    // The maximum number of events that a new simulator skips to continue the market of the previous one. They are replayed for each
    // instrument while the others wait, which takes about a second for this number.
    private const double MaxSkippedEvents = 5_000_000;

    // Serializes access, so that no request goes to a simulator that has just been killed.
    private readonly SemaphoreSlim _mutex = new(1, 1);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly double _events;
    private readonly int _seed;
    private ServerProcess _simulator;
    private long _startedAt = Stopwatch.GetTimestamp();
    private TimeOnly _marketAtStart = MarketHours.Opening;
    private long _framesBefore;

    private SimulatedService(double events, int seed, ServerProcess simulator)
    {
        _events = events;
        _seed = seed;
        _simulator = simulator;
    }

    public Uri WebSocketUrl => _simulator.Url;

    /// <summary>How often the market has restarted at the opening, with lower volumes than before.</summary>
    public int MarketRestarts { get; private set; }

    /// <summary>Starts the first simulator.</summary>
    /// <param name="events">Market events per second.</param>
    /// <param name="seed">The seed of the market.</param>
    public static async Task<SimulatedService> StartAsync(double events, int seed) =>
        new(events, seed, await StartAsync(port: 0, events, seed, MarketHours.Opening));

    /// <summary>Replaces the faults.</summary>
    public Task SetFaultsAsync(params string[] faults) => ExclusiveAsync(async () =>
    {
        using var body = JsonContent.Create(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["faults"] = faults });
        using var response = await _http.PutAsync(At("/admin/faults"), body);
        response.EnsureSuccessStatusCode();
        return true;
    });

    /// <summary>Drops or silences connections.</summary>
    /// <param name="action"><c>drop</c> or <c>silence</c>.</param>
    /// <param name="index">The index of the open session, modulo their number; <see langword="null"/> for all.</param>
    public Task ActAsync(string action, int? index) => ExclusiveAsync(async () =>
    {
        var path = $"/admin/{action}";
        if (index is not null)
        {
            var numbers = (await StateAsync()).GetProperty("sessions").EnumerateArray().Select(s => s.GetProperty("session").GetInt64())
                .ToArray();
            if (numbers.Length == 0)
                return false;
            path += $"?session={numbers[index.Value % numbers.Length]}";
        }

        // The session may have ended meanwhile.
        using var response = await _http.PostAsync(At(path), null);
        return response.IsSuccessStatusCode;
    });

    /// <summary>Kills the simulator and starts another one, which continues its market unless that was far into the day.</summary>
    public Task RestartAsync() => ExclusiveAsync(async () =>
    {
        _framesBefore += (await ReadStatisticsAsync()).FramesSent;
        await _simulator.DisposeAsync();

        // The market has advanced by no more than the time since the start.
        var next = _marketAtStart.Add(TimeSpan.FromSeconds(Math.Ceiling(Stopwatch.GetElapsedTime(_startedAt).TotalSeconds)));
        if ((next - MarketHours.Opening).TotalSeconds * _events > MaxSkippedEvents)
        {
            next = MarketHours.Opening;
            MarketRestarts++;
        }

        _marketAtStart = next;
        _simulator = await StartAsync(_simulator.Port, _events, _seed, next);
        _startedAt = Stopwatch.GetTimestamp();
        return true;
    });

    /// <summary>The frames sent by all simulators, and the registrations of the current one.</summary>
    public Task<(long FramesSent, int Registrations)> StatisticsAsync() => ExclusiveAsync(async () =>
    {
        var (sent, registrations) = await ReadStatisticsAsync();
        return (_framesBefore + sent, registrations);
    });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _simulator.DisposeAsync();
        _mutex.Dispose();
    }

    // In its own process, so that this process measures only the client.
    private static Task<ServerProcess> StartAsync(int port, double events, int seed, TimeOnly startAt) => ServerProcess.StartOwnAsync(
    [
        SimulateCommand.Name,
        "--port", port.ToString(CultureInfo.InvariantCulture),
        "--rate", events.ToString(CultureInfo.InvariantCulture),
        "--seed", seed.ToString(CultureInfo.InvariantCulture),
        "--start", startAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
    ]);

    private async Task<T> ExclusiveAsync<T>(Func<Task<T>> act)
    {
        await _mutex.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _mutex.Release();
        }
    }

    private async Task<(long FramesSent, int Registrations)> ReadStatisticsAsync()
    {
        var statistics = (await StateAsync()).GetProperty("statistics");
        return (statistics.GetProperty("frames_sent").GetInt64(), statistics.GetProperty("registrations").GetInt32());
    }

    private Uri At(string path) => new($"http://127.0.0.1:{_simulator.Port}{path}");

    private Task<JsonElement> StateAsync() => _http.GetFromJsonAsync<JsonElement>(At("/admin/faults"));
}
