using System.Globalization;
using System.Text.Json;
using KisFeed.Soak.Gateways.Measures;
using KisFeed.Testing;

namespace KisFeed.Soak.Gateways;

/// <summary>The gateway in its own process, so that its resource use can be separated from that of its consumers.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly RunningProcess _process;
    private readonly StreamWriter _log;
    private readonly SemaphoreSlim _mutex = new(1, 1);

    private GatewayProcess(RunningProcess process, StreamWriter log, int port)
    {
        _process = process;
        _log = log;
        Port = port;
    }

    public int Port { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a gateway. It is listening when the task completes.</summary>
    public static async Task<GatewayProcess> StartAsync(Uri upstream, string folder)
    {
        var log = File.CreateText(SoakFolder.LogOf(folder));
        log.AutoFlush = true;
        var options = new ProcessOptions { Name = $"the gateway, whose log is {SoakFolder.LogOf(folder)}", OnError = log.WriteLine };
        var (process, line) = await ProcessRunner.StartServerAsync(
            typeof(GatewayProcess).Assembly.Location,
            [ServeGatewayCommand.Name, "--url", upstream.ToString(), "--folder", folder],
            s_timeout,
            options);
        return new GatewayProcess(process, log, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>The state of its runtime, optionally after a collection.</summary>
    public async Task<RuntimeState> RuntimeAsync(bool collect = false)
    {
        await _mutex.WaitAsync();
        try
        {
            await _process.WriteLineAsync(collect ? ServeGatewayCommand.CollectLine : ServeGatewayCommand.StateLine);
            return JsonSerializer.Deserialize<RuntimeState>(await _process.ReadLineAsync(s_timeout))!;
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>The state of its process.</summary>
    public SystemState System() => SystemState.Of(_process);

    /// <summary>Stops the gateway and returns the last figures of its recorder.</summary>
    public async Task<RecorderFigures> StopAsync()
    {
        _process.Input.Close();
        var line = await _process.ReadLineAsync(s_timeout);
        if (await _process.WaitForExitAsync(s_timeout) != 0)
            throw _process.Failure("the process failed");
        return JsonSerializer.Deserialize<RecorderFigures>(line)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _log.DisposeAsync();
        _mutex.Dispose();
    }
}
