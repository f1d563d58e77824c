using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
using KisFeed.Replay;
using KisFeed.Simulator;

namespace KisFeed.Cli.Gateways;

/// <summary>A service within this process that stands in for the broker's: on this machine alone, at a port of its own, with credentials that nobody else has.</summary>
internal sealed class LocalUpstream : IAsyncDisposable
{
    // The broker rations its sessions; what is made up or recorded nobody has to share. Each client of the gateway still has its 41.
    private const int Places = 1_000;

    private const int AnyPort = 0;

    private readonly IAsyncDisposable _server;

    private LocalUpstream(IAsyncDisposable server, KisFeedOptions options)
    {
        _server = server;
        Options = options;
    }

    /// <summary>What a client needs to connect to it.</summary>
    public KisFeedOptions Options { get; }

    /// <summary>A made-up market.</summary>
    /// <param name="options">The market.</param>
    /// <param name="client">Where the client logs, its clock and its layouts.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <param name="places">Registrations that it takes.</param>
    public static async Task<LocalUpstream> SimulateAsync(SimulatorOptions options, KisFeedOptions client, CancellationToken cancellationToken, int places = Places)
    {
        var credentials = ConsumerCredentials.Create();
        var own = options with { Port = AnyPort, MaxRegistrations = places, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => SimulatorServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(server, Connecting(client, credentials, server.WebSocketUrl) with { HtsId = DemoTargets.HtsId, MaxRegistrations = places });
    }

    /// <summary>What was recorded.</summary>
    /// <param name="options">The capture and its pace.</param>
    /// <param name="client">Where the client logs, its clock and its layouts.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<LocalUpstream> ReplayAsync(ReplayOptions options, KisFeedOptions client, CancellationToken cancellationToken)
    {
        var credentials = ConsumerCredentials.Create();
        var own = options with { Port = AnyPort, MaxRegistrations = Places, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => ReplayServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(server, Connecting(client, credentials, server.WebSocketUrl));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Nothing of what is configured for the broker goes there.
    private static KisFeedOptions Connecting(KisFeedOptions options, ConsumerCredentials credentials, Uri url) => new()
    {
        AppKey = credentials.AppKey,
        AppSecret = credentials.AppSecret,
        WebSocketUrl = url,
        Environment = KisEnvironment.Simulator,
        RequestInterval = TimeSpan.Zero,
        MaxRegistrations = Places,
        Layouts = options.Layouts,
        LoggerFactory = options.LoggerFactory,
        TimeProvider = options.TimeProvider,
    };
}
