using System.Text.Json;
using KisFeed.Soak.Gateways.Measures;
using KisFeed.TestSupport;

namespace KisFeed.Soak.Gateways;

/// <summary>The gateway in its own process, so that its resource use can be separated from that of its consumers.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly ServerProcess _server;
    private readonly StreamWriter _log;
    private readonly SemaphoreSlim _mutex = new(1, 1);

    private GatewayProcess(ServerProcess server, StreamWriter log)
    {
        _server = server;
        _log = log;
    }

    public int Port => _server.Port;

    public bool HasExited => _server.Process.HasExited;

    /// <summary>Starts a gateway. It is listening when the task completes.</summary>
    public static async Task<GatewayProcess> StartAsync(Uri upstream, string folder)
    {
        var log = File.CreateText(SoakFolder.LogOf(folder));
        log.AutoFlush = true;
        var server = await ServerProcess.StartOwnAsync(
            [ServeGatewayCommand.Name, "--url", upstream.ToString(), "--folder", folder], log.WriteLine);
        return new GatewayProcess(server, log);
    }

    /// <summary>The state of its runtime, optionally after a collection.</summary>
    public async Task<RuntimeState> RuntimeAsync(bool collect = false)
    {
        await _mutex.WaitAsync();
        try
        {
            await _server.Process.WriteLineAsync(collect ? ServeGatewayCommand.CollectLine : ServeGatewayCommand.StateLine);
            return JsonSerializer.Deserialize<RuntimeState>(await _server.Process.ReadLineAsync(s_timeout))!;
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>The state of its process.</summary>
    public SystemState System() => SystemState.Of(_server.Process);

    /// <summary>Stops the gateway and returns the last figures of its recorder.</summary>
    public async Task<RecorderFigures> StopAsync()
    {
        _server.Process.Input.Close();
        var line = await _server.Process.ReadLineAsync(s_timeout);
        if (await _server.Process.WaitForExitAsync(s_timeout) != 0)
            throw _server.Process.Failure("the process failed");
        return JsonSerializer.Deserialize<RecorderFigures>(line)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _log.DisposeAsync();
        _mutex.Dispose();
    }
}
