using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace KisFeed.Benchmarks.Serving;

/// <summary>A server in its own process, whose first line of output is a JSON object with its port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Id => _process.Id;

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>The address of its WebSockets.</summary>
    public Uri Url => new($"ws://127.0.0.1:{Port}");

    /// <summary>The processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one of the servers of these benchmarks.</summary>
    public static Task<ServerProcess> StartOwnAsync(string[] arguments, CancellationToken cancellationToken) =>
        StartAsync(Assembly.GetEntryAssembly()!.Location, arguments, [], cancellationToken);

    /// <summary>Starts <c>kisfeed</c> as a server, without the user's configuration.</summary>
    public static Task<ServerProcess> StartKisFeedAsync(string[] arguments, IEnumerable<(string Variable, string Value)> environment, CancellationToken cancellationToken) =>
        StartAsync(Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll"), arguments, [("KISFEED_CONFIG", "none"), .. environment], cancellationToken);

    /// <summary>Its memory in bytes: <c>VmRSS</c>, or <c>RssAnon</c> without mapped files. 0 on systems without /proc.</summary>
    public long Memory(string name)
    {
        var file = $"/proc/{Id}/status";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => EndAsync(_process);

    private static async Task<ServerProcess> StartAsync(string assembly, string[] arguments, IEnumerable<(string Variable, string Value)> environment, CancellationToken cancellationToken)
    {
        // Servers end with their input, so that none outlives a killed benchmark.
        var start = new ProcessStartInfo("dotnet", ["exec", assembly, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_timeout, cancellationToken) ?? throw new InvalidOperationException($"'{arguments[0]}' did not start: see its error above");
            using var address = JsonDocument.Parse(line);
            return new ServerProcess(process, address.RootElement.GetProperty("port").GetInt32());
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    private static async ValueTask EndAsync(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
