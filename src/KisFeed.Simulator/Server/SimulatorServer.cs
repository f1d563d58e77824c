using System.Net;
using System.Net.WebSockets;
using KisFeed.Feeds;
using KisFeed.Server;
using KisFeed.Simulator.Market;
using KisFeed.Simulator.Server;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator;

/// <summary>
/// A service that speaks the broker's protocol, on one port: REST for approval keys, WebSocket for the feeds. What it sends comes from a
/// simulated market. The same seed and the same registrations in the same order bring the same records. It stands in for the service as it is
/// documented and reported, not as it has been verified.
/// </summary>
/// <remarks>
/// Data sent are never dropped: where a client does not read, up to 2 MiB wait for it, then the market waits, then the connection is cut
/// (<see cref="SimulatorOptions.SlowClientLimit"/>). An app key is free again as soon as its session's connection has ended, in whichever way.
/// </remarks>
public sealed class SimulatorServer : IAsyncDisposable
{
    /// <summary>Where faults can be seen (GET) and set (PUT) over HTTP, where <see cref="SimulatorOptions.Admin"/> is asked for.</summary>
    public const string AdminPath = "/admin/faults";

    private readonly ServerHost _host;
    private readonly MarketFeed _market;
    private readonly ConnectionSet _connections;
    private readonly ServerCounters _counters;
    private readonly FaultController _faults;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task? _stopping;

    private SimulatorServer(ServerHost host, MarketFeed market, ConnectionSet connections, ServerCounters counters, FaultController faults, ILogger logger)
    {
        _host = host;
        _market = market;
        _connections = connections;
        _counters = counters;
        _faults = faults;
        _logger = logger;
    }

    /// <summary>The TCP port it listens at.</summary>
    public int Port => RestUrl.Port;

    /// <summary>Where approval keys are to be had, e.g. <c>http://127.0.0.1:21000</c>.</summary>
    public Uri RestUrl => _host.RestUrl;

    /// <summary>Where the feeds are, e.g. <c>ws://127.0.0.1:21000</c>; with or without the path <c>/tryitout</c>.</summary>
    public Uri WebSocketUrl => _host.WebSocketUrl;

    /// <summary>What it is doing now.</summary>
    public SimulatorStatistics Statistics => SimulatorStatistics.Of(_counters);

    /// <summary>The faults in force.</summary>
    public SimulatorFaults Faults => _faults.Current;

    /// <summary>The WebSocket connections that are open, in the order in which they came; those closed at once are not among them.</summary>
    public IReadOnlyList<SimulatorSession> Sessions => [.. _connections.Find().Select(SimulatorSession.Of)];

    /// <summary>Starts a simulator. It listens when the task completes.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An allowed origin is not one.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<SimulatorServer>();
        var counters = new ServerCounters();
        var connections = new ConnectionSet();
        var faults = new FaultController(options.Faults);
        var market = new MarketFeed(new KoreanMarket(MarketOptionsFor(options)), options.Rate * options.Speed, options.Loop, options.SlowClientLimit, faults, options.TimeProvider, logger);
        var approvalKeys = new ApprovalKeys(options.TimeProvider);
        var rules = new SessionOptions
        {
            Catalog = KisFeeds.Catalog,
            Source = market,
            Credentials = new CredentialRules(options.AppKey, options.AppSecret, options.HtsId),
            ApprovalKeys = approvalKeys,
            Gate = new AppKeyGate(approvalKeys, new AppKeySessions(options.TimeProvider, () => faults.Current.HoldAppKey)),
            Counters = counters,
            MaxRegistrations = options.MaxRegistrations,
            HeartbeatInterval = options.HeartbeatInterval,
            HeartbeatTimeout = options.HeartbeatTimeout,
            AllowUnsolicitedPongs = options.AllowUnsolicitedPongs,
            AllowNumbers = options.AllowNumbers,
            AppKeyInUseStatus = options.AppKeyInUseEnding == ConnectionEnding.Close ? WebSocketCloseStatus.NormalClosure : null,
            TimeProvider = options.TimeProvider,
            Logger = logger,
        };
        var oauth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = rules.Credentials,
            ApprovalKeys = approvalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = logger,
            Throttle = new ApprovalThrottle(options.ApprovalInterval, options.TimeProvider),
            Fails = faults.TakeApprovalFailure,
        });
        var webSocket = new WebSocketEndpoint(new FaultyPolicy(rules, faults, options.Seed), connections, counters, logger);
        var admin = options.Admin ? new AdminEndpoints(faults, connections, counters, logger) : null;
        ServerHost host;
        try
        {
            var listening = new ServerHostOptions
            {
                EndPoint = new IPEndPoint(address, options.Port),
                Loggers = options.LoggerFactory,
                Gate = new BrowserRequestGate(new OriginRules(options.AllowedOrigins), "simulator"),
                MapMore = admin is null ? null : admin.Map,
            };
            host = await ServerHost.StartAsync(listening, oauth, webSocket, connections, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await market.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var server = new SimulatorServer(host, market, connections, counters, faults, logger);
        SimulatorLog.Started(logger, server.RestUrl, options.Seed, options.Rate);
        if (options.Faults != SimulatorFaults.None)
            SimulatorLog.FaultsSet(logger, options.Faults);
        return server;
    }

    /// <summary>
    /// Replaces the faults. Open connections have the new ones at once, with frames counted from now; what happens a number of times, such as
    /// <see cref="SimulatorFaults.KickOnConnect"/>, begins anew.
    /// </summary>
    /// <exception cref="ArgumentException">A fault has a value that cannot be; the message says which and why.</exception>
    public void SetFaults(SimulatorFaults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Validate(nameof(faults));
        _faults.Set(faults);
        SimulatorLog.FaultsSet(_logger, faults);
    }

    /// <summary>Cuts connections now, without a closing handshake; what has not been written yet is lost.</summary>
    /// <param name="session">The number of the one to cut; <see langword="null"/> for all.</param>
    /// <returns>How many there were.</returns>
    public int DropConnections(long? session = null)
    {
        var connections = _connections.Find(session);
        foreach (var connection in connections)
            connection.Cut();
        return connections.Count;
    }

    /// <summary>Sends nothing any more on connections, as <see cref="SimulatorFaults.SilentAfter"/> has it, and keeps them open.</summary>
    /// <param name="session">The number of the one to silence; <see langword="null"/> for all.</param>
    /// <returns>How many there were.</returns>
    public int Silence(long? session = null)
    {
        var connections = _connections.Find(session);
        foreach (var connection in connections)
            connection.Silence();
        return connections.Count;
    }

    /// <summary>Stops the market, closes every connection, and ends within about two seconds, whatever clients do. Safe to call again.</summary>
    public Task StopAsync()
    {
        lock (_gate)
            return _stopping ??= StopCoreAsync();
    }

    /// <summary>Stops, if that has not happened yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StopCoreAsync()
    {
        await _market.DisposeAsync().ConfigureAwait(false);
        await _host.StopAsync("the simulator stops").ConfigureAwait(false);
        SimulatorLog.Stopped(_logger);
    }

    // At a finite rate the steps of a second's events add up to a second; unlimited, each event takes the market's usual step.
    private static MarketOptions MarketOptionsFor(SimulatorOptions options)
    {
        var market = MarketOptions.Default with { Seed = options.Seed, StartAt = options.StartAt };
        if (double.IsPositiveInfinity(options.Rate))
            return market;
        var seconds = Math.Clamp(1 / options.Rate, TimeSpan.FromTicks(1).TotalSeconds, TimeSpan.FromHours(1).TotalSeconds);
        return market with { Step = TimeSpan.FromSeconds(seconds) };
    }
}
