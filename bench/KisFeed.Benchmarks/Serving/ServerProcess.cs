using System.Reflection;
using System.Text.Json;
using KisFeed.Testing;

namespace KisFeed.Benchmarks.Serving;

/// <summary>A server in its own process, whose first line of output is a JSON object with its port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly RunningProcess _process;

    private ServerProcess(RunningProcess process, int port)
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
    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <summary>Starts one of the servers of these benchmarks.</summary>
    public static Task<ServerProcess> StartOwnAsync(string[] arguments, CancellationToken cancellationToken) =>
        StartAsync(
            Assembly.GetEntryAssembly()!.Location, arguments, new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken);

    /// <summary>Starts <c>kisfeed</c> as a server, without the user's configuration.</summary>
    public static Task<ServerProcess> StartKisFeedAsync(
        string[] arguments, IEnumerable<(string Variable, string Value)> environment, CancellationToken cancellationToken) =>
        StartAsync(
            ProcessRunner.KisFeedPath,
            arguments,
            environment.ToDictionary(e => e.Variable, e => e.Value, StringComparer.Ordinal),
            cancellationToken);

    /// <inheritdoc cref="RunningProcess.Memory"/>
    public long Memory(string name) => _process.Memory(name);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // Servers end with their input, so that none outlives a killed benchmark.
    private static async Task<ServerProcess> StartAsync(
        string assembly, string[] arguments, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var options = new ProcessOptions { Name = $"'{arguments[0]}'", Environment = environment, OnError = Console.Error.WriteLine };
        var (process, line) = await ProcessRunner.StartServerAsync(assembly, arguments, s_timeout, options, cancellationToken);
        using var address = JsonDocument.Parse(line);
        return new ServerProcess(process, address.RootElement.GetProperty("port").GetInt32());
    }
}
