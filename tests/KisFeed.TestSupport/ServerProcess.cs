using System.Reflection;
using System.Text.Json;

namespace KisFeed.TestSupport;

/// <summary>
/// A server in its own process, whose first line of output is a JSON object with its port. It is killed on disposal, and ends with its
/// input, so that none outlives a killed benchmark.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private ServerProcess(RunningProcess process, JsonElement address)
    {
        Process = process;
        Address = address;
        Port = address.GetProperty("port").GetInt32();
    }

    public RunningProcess Process { get; }

    /// <summary>The first line of output.</summary>
    public JsonElement Address { get; }

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>The address of its WebSockets.</summary>
    public Uri Url => new($"ws://127.0.0.1:{Port}");

    /// <summary>Starts this program as one of its own servers.</summary>
    public static Task<ServerProcess> StartOwnAsync(string[] arguments, CancellationToken cancellationToken = default) =>
        StartOwnAsync(arguments, Console.Error.WriteLine, cancellationToken);

    /// <summary>Starts this program as one of its own servers, and handles each line of its errors.</summary>
    public static Task<ServerProcess> StartOwnAsync(
        string[] arguments, Action<string> onError, CancellationToken cancellationToken = default) =>
        StartAsync(["dotnet", "exec", Assembly.GetEntryAssembly()!.Location], arguments, [], onError, cancellationToken);

    /// <summary>Starts <c>kisfeed</c> as a server, without the user's configuration.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Additional environment variables.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<ServerProcess> StartKisFeedAsync(
        string[] arguments, IEnumerable<(string Variable, string Value)> environment, CancellationToken cancellationToken = default) =>
        StartKisFeedAsync(ProcessRunner.KisFeed, arguments, environment, cancellationToken);

    /// <summary>Starts a published <c>kisfeed</c> as a server, without the user's configuration.</summary>
    /// <param name="command">The program and first arguments that start it.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Additional environment variables.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static Task<ServerProcess> StartKisFeedAsync(
        IReadOnlyList<string> command, string[] arguments, IEnumerable<(string Variable, string Value)> environment,
        CancellationToken cancellationToken) =>
        StartAsync(command, arguments, environment, Console.Error.WriteLine, cancellationToken);

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static async Task<ServerProcess> StartAsync(
        IReadOnlyList<string> command, string[] arguments, IEnumerable<(string Variable, string Value)> environment,
        Action<string> onError, CancellationToken cancellationToken)
    {
        var process = ProcessRunner.Start(command[0], [.. command.Skip(1), .. arguments], new ProcessOptions
        {
            Name = $"'{arguments[0]}'",
            Environment = environment.ToDictionary(e => e.Variable, e => e.Value, StringComparer.Ordinal),
            OnError = onError,
        });
        try
        {
            using var address = JsonDocument.Parse(await process.ReadLineAsync(s_startLimit, cancellationToken));
            return new ServerProcess(process, address.RootElement.Clone());
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }
}
