using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Running;

/// <summary>A simulator, and the environment variables that point the command at it.</summary>
internal sealed class Service : IAsyncDisposable
{
    public const string HtsId = "MyHtsId";
    public const string AppKey = "SIMULATORAPPKEY000000000000000000000";
    public const string AppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000";

    private readonly SimulatorServer _server;

    private Service(SimulatorServer server) => _server = server;

    public int Port => _server.Port;

    public string Url => $"ws://127.0.0.1:{_server.Port}";

    public Dictionary<string, string> Variables => VariablesFor(Url);

    public static Task<Service> StartAsync(SimulatorOptions? options = null) => StartAsync(port: 0, options);

    /// <summary>Starts a simulator on a port.</summary>
    public static async Task<Service> StartAsync(int port, SimulatorOptions? options = null, double rate = 2000) =>
        new(await SimulatorServer.StartAsync((options ?? new SimulatorOptions()) with { Port = port, Rate = rate }));

    public static Dictionary<string, string> VariablesFor(string url) => new(StringComparer.Ordinal)
    {
        [ServiceSettings.UrlVariable] = url,
        [ServiceSettings.AppKeyVariable] = AppKey,
        [ServiceSettings.AppSecretVariable] = AppSecret,
        [ServiceSettings.HtsIdVariable] = HtsId,
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
