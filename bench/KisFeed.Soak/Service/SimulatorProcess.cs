using System.Diagnostics;
using System.Globalization;
using KisFeed.Testing;

namespace KisFeed.Soak.Service;

/// <summary>A simulator in its own process, so that this process measures only the client.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly RunningProcess _process;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    private SimulatorProcess(RunningProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The time since its start; its market has advanced by no more.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Starts a simulator. It is listening when the task completes.</summary>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="rate">Market events per second.</param>
    /// <param name="seed">The seed of the market.</param>
    /// <param name="startAt">The market time at its start.</param>
    public static async Task<SimulatorProcess> StartAsync(int port, double rate, int seed, TimeOnly startAt)
    {
        string[] arguments =
        [
            SimulateCommand.Name,
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--rate", rate.ToString(CultureInfo.InvariantCulture),
            "--seed", seed.ToString(CultureInfo.InvariantCulture),
            "--start", startAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        ];
        var options = new ProcessOptions { Name = "the simulator", OnError = Console.Error.WriteLine };
        var (process, line) = await ProcessRunner.StartServerAsync(
            typeof(SimulatorProcess).Assembly.Location, arguments, s_timeout, options);
        return new SimulatorProcess(process, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>Kills the process, as a crash would.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
