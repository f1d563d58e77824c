using System.Diagnostics;
using System.Globalization;

namespace KisFeed.Soak.Service;

/// <summary>A simulator in its own process, so that this process measures only the client.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    private SimulatorProcess(Process process, int port)
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
        var start = OwnProcess.Start(
            SimulateCommand.Name,
            "--port", port.ToString(CultureInfo.InvariantCulture),
            "--rate", rate.ToString(CultureInfo.InvariantCulture),
            "--seed", seed.ToString(CultureInfo.InvariantCulture),
            "--start", startAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
        using var timeout = new CancellationTokenSource(s_timeout);
        var line = await process.StandardOutput.ReadLineAsync(timeout.Token);
        return new SimulatorProcess(process, int.Parse(line ?? throw new InvalidOperationException("the simulator did not start; its error is above"), CultureInfo.InvariantCulture));
    }

    /// <summary>Kills the process, as a crash would.</summary>
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

/// <summary>Starts this program with another command, so that servers do not affect the measured process.</summary>
internal static class OwnProcess
{
    /// <summary>The start information. The process ends with its input.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        // Either the program's own executable, or dotnet with the program as its first argument.
        var program = Path.Combine(AppContext.BaseDirectory, "KisFeed.Soak.dll");
        var file = Environment.ProcessPath ?? "dotnet";
        var isHost = Path.GetFileNameWithoutExtension(file).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(file, isHost ? [program, .. arguments] : arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
    }
}
