using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace KisFeed.Benchmarks.Serving;

/// <summary>A server in a process of its own, which says in its first line of output, a JSON object, at which port it listens.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>Where its WebSockets are.</summary>
    public Uri Url => new($"ws://127.0.0.1:{Port}");

    /// <summary>The processor time it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one of the servers of these benchmarks.</summary>
    public static Task<ServerProcess> StartOwnAsync(params string[] arguments) => StartAsync(Assembly.GetEntryAssembly()!.Location, arguments);

    /// <summary>Starts <c>kisfeed</c> as a server.</summary>
    public static Task<ServerProcess> StartKisFeedAsync(params string[] arguments) => StartAsync(Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll"), arguments);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<ServerProcess> StartAsync(string assembly, string[] arguments)
    {
        // A server of these benchmarks ends when its input does, so that none outlives a benchmark that was killed.
        var start = new ProcessStartInfo("dotnet", ["exec", assembly, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["KISFEED_CONFIG"] = "none";
        var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) ?? throw new InvalidOperationException($"{string.Join(' ', arguments)} did not start: it says why above");
            using var address = JsonDocument.Parse(line);
            return new ServerProcess(process, address.RootElement.GetProperty("port").GetInt32());
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }
}
