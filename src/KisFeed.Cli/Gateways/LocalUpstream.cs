using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;
using KisFeed.Simulator.Replay;

namespace KisFeed.Cli.Gateways;

/// <summary>
/// A service in this process that replaces the broker's. It listens only on this machine, on a free port, with its own random credentials.
/// </summary>
internal sealed class LocalUpstream : IAsyncDisposable
{
    // The broker's limit on registrations does not apply to simulated or recorded data. Each client of the gateway still has its 41.
    private const int Slots = 1_000;

    private const int AnyPort = 0;

    private readonly IAsyncDisposable _server;

    private LocalUpstream(IAsyncDisposable server, KisFeedOptions options)
    {
        _server = server;
        Options = options;
    }

    public KisFeedOptions Options { get; }

    public static async Task<LocalUpstream> SimulateAsync(
        SimulatorOptions options, KisFeedOptions client, CancellationToken cancellationToken, int slots = Slots)
    {
        var credentials = ConsumerCredentials.Create();
        var own =
            options with { Port = AnyPort, MaxRegistrations = slots, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => SimulatorServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(
            server, Connecting(client, credentials, server.WebSocketUrl) with { HtsId = DemoTargets.HtsId, MaxRegistrations = slots });
    }

    public static async Task<LocalUpstream> ReplayAsync(ReplayOptions options, KisFeedOptions client, CancellationToken cancellationToken)
    {
        var credentials = ConsumerCredentials.Create();
        var own =
            options with { Port = AnyPort, MaxRegistrations = Slots, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => ReplayServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(server, Connecting(client, credentials, server.WebSocketUrl));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Nothing that is configured for the broker is sent to it.
    private static KisFeedOptions Connecting(KisFeedOptions options, ConsumerCredentials credentials, Uri url) => new()
    {
        AppKey = credentials.AppKey,
        AppSecret = credentials.AppSecret,
        WebSocketUrl = url,
        Environment = KisEnvironment.Simulator,
        RequestInterval = TimeSpan.Zero,
        MaxRegistrations = Slots,
        Layouts = options.Layouts,
        PriceScales = options.PriceScales,
        LoggerFactory = options.LoggerFactory,
        TimeProvider = options.TimeProvider,
    };
}
