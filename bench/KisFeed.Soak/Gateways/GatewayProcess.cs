using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Soak.Gateways.Measures;
using KisFeed.Soak.Service;

namespace KisFeed.Soak.Gateways;

/// <summary>The gateway in its own process, so that its resource use can be separated from that of its consumers.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _logging;
    private readonly SemaphoreSlim _mutex = new(1, 1);

    private GatewayProcess(Process process, Task logging, int port)
    {
        _process = process;
        _logging = logging;
        Port = port;
    }

    public int Port { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a gateway. It is listening when the task completes.</summary>
    public static async Task<GatewayProcess> StartAsync(Uri upstream, string folder)
    {
        var start = OwnProcess.Start(ServeGatewayCommand.Name, "--url", upstream.ToString(), "--folder", folder);
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
        var logging = LogAsync(process, SoakFolder.LogOf(folder));
        using var timeout = new CancellationTokenSource(s_timeout);
        var line = await process.StandardOutput.ReadLineAsync(timeout.Token);
        return new GatewayProcess(process, logging, int.Parse(line ?? throw new InvalidOperationException($"the gateway did not start; {SoakFolder.LogOf(folder)} has its error"), CultureInfo.InvariantCulture));
    }

    /// <summary>The state of its runtime, optionally after a collection.</summary>
    public async Task<RuntimeState> RuntimeAsync(bool collect = false)
    {
        await _mutex.WaitAsync();
        try
        {
            using var timeout = new CancellationTokenSource(s_timeout);
            await _process.StandardInput.WriteLineAsync(collect ? ServeGatewayCommand.CollectLine : ServeGatewayCommand.StateLine);
            await _process.StandardInput.FlushAsync(timeout.Token);
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token);
            return JsonSerializer.Deserialize<RuntimeState>(line ?? throw new InvalidOperationException("the gateway has ended"))!;
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>The state of its process.</summary>
    public SystemState System()
    {
        _process.Refresh();
        return SystemState.Of(_process);
    }

    /// <summary>Stops the gateway and returns the last status of its recorder.</summary>
    public async Task<CaptureRecorderStatus> StopAsync()
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        _process.StandardInput.Close();
        var line = await _process.StandardOutput.ReadLineAsync(timeout.Token);
        await _process.WaitForExitAsync(timeout.Token);
        await _logging;
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"the gateway ended with exit code {_process.ExitCode}");
        return JsonSerializer.Deserialize<CaptureRecorderStatus>(line ?? throw new InvalidOperationException("the gateway did not print the status of its recorder"))!;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        _mutex.Dispose();
    }

    private static async Task LogAsync(Process process, string path)
    {
        await using var file = File.Create(path);
        await process.StandardError.BaseStream.CopyToAsync(file);
    }
}
