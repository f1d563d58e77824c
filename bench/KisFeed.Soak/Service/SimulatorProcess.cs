using System.Diagnostics;
using System.Globalization;

namespace KisFeed.Soak.Service;

/// <summary>A simulator in a process of its own, so that what this one takes is the client's.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    private SimulatorProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>How long it has run: its market has gone on by no more.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Starts one; it listens when the task completes.</summary>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="rate">Market events a second.</param>
    /// <param name="seed">What the market is made from.</param>
    /// <param name="startAt">Where its market starts.</param>
    public static async Task<SimulatorProcess> StartAsync(int port, double rate, int seed, TimeOnly startAt)
    {
        var start = OwnProcess.Start(
            SimulatorVerb.Name,
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--rate", rate.ToString(CultureInfo.InvariantCulture),
            "--seed", seed.ToString(CultureInfo.InvariantCulture),
            "--start", startAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
        using var timeout = new CancellationTokenSource(s_patience);
        var line = await process.StandardOutput.ReadLineAsync(timeout.Token);
        return new SimulatorProcess(process, int.Parse(line ?? throw new InvalidOperationException("the simulator did not start; its error is above"), CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}

/// <summary>This program once more, with another verb: what it serves must not take from what is measured.</summary>
internal static class OwnProcess
{
    /// <summary>How to start it. It ends when its input does.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        // Either the program's own executable, or dotnet with the program as its first argument.
        var program = Path.Combine(AppContext.BaseDirectory, "KisFeed.Soak.dll");
        var file = Environment.ProcessPath ?? "dotnet";
        var isHost = Path.GetFileNameWithoutExtension(file).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(file, isHost ? [program, .. arguments] : arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
    }
}
