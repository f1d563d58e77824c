using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Soak.Gateways.Measures;
using KisFeed.Soak.Service;

namespace KisFeed.Soak.Gateways;

/// <summary>The gateway in a process of its own, so that what it takes can be told from what its consumers take.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _logging;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private GatewayProcess(Process process, Task logging, int port)
    {
        _process = process;
        _logging = logging;
        Port = port;
    }

    public int Port { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts one; it listens when the task completes.</summary>
    public static async Task<GatewayProcess> StartAsync(Uri upstream, string folder)
    {
        var start = OwnProcess.Start(GatewayVerb.Name, "--url", upstream.ToString(), "--folder", folder);
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
        var logging = LogAsync(process, SoakFolder.LogOf(folder));
        using var timeout = new CancellationTokenSource(s_patience);
        var line = await process.StandardOutput.ReadLineAsync(timeout.Token);
        return new GatewayProcess(process, logging, int.Parse(line ?? throw new InvalidOperationException($"the gateway did not start; {SoakFolder.LogOf(folder)} says why"), CultureInfo.InvariantCulture));
    }

    /// <summary>What the runtime says, after a collection if that is asked for.</summary>
    public async Task<RuntimeState> RuntimeAsync(bool collect = false)
    {
        await _turn.WaitAsync();
        try
        {
            using var timeout = new CancellationTokenSource(s_patience);
            await _process.StandardInput.WriteLineAsync(collect ? GatewayVerb.CollectLine : GatewayVerb.StateLine);
            await _process.StandardInput.FlushAsync(timeout.Token);
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token);
            return JsonSerializer.Deserialize<RuntimeState>(line ?? throw new InvalidOperationException("the gateway has ended"))!;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What the system says.</summary>
    public SystemState System()
    {
        _process.Refresh();
        return SystemState.Of(_process);
    }

    /// <summary>Lets it stop, and gives what its recorder says in the end.</summary>
    public async Task<CaptureRecorderStatus> StopAsync()
    {
        using var timeout = new CancellationTokenSource(s_patience);
        _process.StandardInput.Close();
        var line = await _process.StandardOutput.ReadLineAsync(timeout.Token);
        await _process.WaitForExitAsync(timeout.Token);
        await _logging;
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"the gateway ended with exit code {_process.ExitCode}");
        return JsonSerializer.Deserialize<CaptureRecorderStatus>(line ?? throw new InvalidOperationException("the gateway did not say how its recorder ended"))!;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        _turn.Dispose();
    }

    private static async Task LogAsync(Process process, string path)
    {
        await using var file = File.Create(path);
        await process.StandardError.BaseStream.CopyToAsync(file);
    }
}
