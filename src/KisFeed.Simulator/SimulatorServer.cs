using System.Net.WebSockets;
using System.Text.Json.Serialization;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Simulator.Market;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator;

/// <summary>
/// A server that speaks the broker's protocol on one port: REST for approval keys, WebSocket for the feeds. Its data come from a simulated
/// market. The same seed and the same registrations in the same order produce the same records. It behaves like the broker as documented
/// and reported; this has not been verified against the broker.
/// </summary>
/// <remarks>
/// Data are never dropped: if a client does not read, up to 2 MiB are queued for it, then the market waits, then the connection is cut
/// (<see cref="BrokerServerOptions.SlowClientLimit"/>). An app key is free as soon as the connection of its session has ended in any way.
/// </remarks>
public sealed class SimulatorServer : BrokerServer
{
    /// <summary>
    /// The path where faults can be inspected (GET) and set (PUT) over HTTP if <see cref="SimulatorOptions.Admin"/> is set.
    /// </summary>
    public const string AdminPath = "/admin/faults";

    private readonly MarketFeed _market;
    private readonly FaultController _faults;
    private readonly ILogger _logger;

    private SimulatorServer(ServerHost host, MarketFeed market, FaultController faults, ILogger logger)
        : base(host)
    {
        _market = market;
        _faults = faults;
        _logger = logger;
    }

    /// <summary>The current statistics.</summary>
    public SimulatorStatistics Statistics => SimulatorStatistics.Of(Host.Counters);

    /// <summary>The current faults.</summary>
    public SimulatorFaults Faults => _faults.Current;

    /// <summary>The open WebSocket connections in the order of arrival, without those that are closed immediately.</summary>
    public IReadOnlyList<SimulatorSession> Sessions => [.. Host.Connections.Find().Select(SimulatorSession.Of)];

    /// <summary>Starts a simulator. The simulator listens when the task completes.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An allowed origin is not valid.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
        var listening = options.HostOptionsFor(address, "simulator");
        var revision = LayoutRevision.Parse(options.Revision, options.Catalog, nameof(SimulatorOptions.Revision));
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<SimulatorServer>();
        var connections = new ConnectionSet();
        var faults = new FaultController(options.Faults);
        var market = new MarketFeed(
            new KoreanMarket(MarketOptionsFor(options)), options.Rate * options.Speed, options.Loop, options.SlowClientLimit, faults,
            options.TimeProvider, logger);
        var sessions = options.SessionOptionsFor(options.Catalog, logger, options.HtsId) with
        {
            HeartbeatTimeout = options.HeartbeatTimeout,
            AllowUnsolicitedPongs = options.AllowUnsolicitedPongs,
            AllowNumbers = options.AllowNumbers,
            AppKeyInUseStatus = options.AppKeyInUseEnding == ConnectionEnding.Close ? WebSocketCloseStatus.NormalClosure : null,
        };
        var gate = new AppKeyGate(sessions.ApprovalKeys, options.TimeProvider, () => faults.Current.HoldAppKey);
        var oauth = new OAuthEndpoints(sessions)
        {
            Throttle = new ApprovalThrottle(options.ApprovalInterval, options.TimeProvider),
            Fails = faults.TryUseApprovalFailure,
        };
        var policy = new FaultyPolicy(sessions, market, gate, faults, options.Seed);
        var webSocket = new WebSocketEndpoint(sessions, policy, connections, new ConnectionLimits()) { Revision = revision };
        if (options.Admin)
            listening = listening with { MapEndpoints = new AdminEndpoints(faults, connections, sessions.Counters, logger).Map };
        var host = await ServerHost.StartAsync(listening, oauth, webSocket, market, cancellationToken).ConfigureAwait(false);
        var server = new SimulatorServer(host, market, faults, logger);
        SimulatorLog.Started(logger, server.RestUrl, options.Seed, options.Rate);
        if (options.Faults != SimulatorFaults.None)
            SimulatorLog.FaultsSet(logger, options.Faults);
        return server;
    }

    /// <summary>
    /// Replaces the faults. Open connections use the new ones immediately, with frames counted from now. Faults that happen a number of
    /// times, such as <see cref="SimulatorFaults.KickOnConnect"/>, start again.
    /// </summary>
    /// <exception cref="ArgumentException">A fault has an invalid value; the message says which and why.</exception>
    public void SetFaults(SimulatorFaults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Validate(nameof(faults));
        _faults.Set(faults);
        SimulatorLog.FaultsSet(_logger, faults);
    }

    /// <summary>Cuts connections now, without a closing handshake. Messages that have not been written are lost.</summary>
    /// <param name="session">The number of the session to cut; <see langword="null"/> for all.</param>
    /// <returns>The number of connections.</returns>
    public int DropConnections(long? session = null)
    {
        var connections = Host.Connections.Find(session);
        foreach (var connection in connections)
            connection.Cut();
        return connections.Count;
    }

    /// <summary>Stops sending on connections and keeps them open, like <see cref="SimulatorFaults.SilentAfter"/>.</summary>
    /// <param name="session">The number of the session to silence; <see langword="null"/> for all.</param>
    /// <returns>The number of connections.</returns>
    public int Silence(long? session = null)
    {
        var connections = Host.Connections.Find(session);
        foreach (var connection in connections)
            connection.Silence();
        return connections.Count;
    }

    private protected override async Task StopCoreAsync(TimeSpan? readTime)
    {
        await _market.DisposeAsync().ConfigureAwait(false);
        await Host.CloseAsync("the simulator stops", readTime).ConfigureAwait(false);
        SimulatorLog.Stopped(_logger);
    }

    // At a finite rate the steps of one second's events add up to a second. At an unlimited rate each event takes the default step.
    private static MarketOptions MarketOptionsFor(SimulatorOptions options)
    {
        var market = MarketOptions.Default with { Seed = options.Seed, StartAt = options.StartAt, Catalog = options.Catalog };
        if (double.IsPositiveInfinity(options.Rate))
            return market;
        var seconds = Math.Clamp(1 / options.Rate, TimeSpan.FromTicks(1).TotalSeconds, TimeSpan.FromHours(1).TotalSeconds);
        return market with { Step = TimeSpan.FromSeconds(seconds) };
    }
}

/// <summary>An open WebSocket connection at one moment.</summary>
/// <param name="Number">The number of the connection, as in the log: connections are numbered from 1 in the order of arrival.</param>
/// <param name="Registrations">The number of its registrations.</param>
/// <param name="FramesSent">Data frames queued for the client.</param>
/// <param name="IsSilent">Whether nothing is sent on the connection any more.</param>
public sealed record SimulatorSession(
    [property: JsonPropertyName("session")] long Number,
    int Registrations,
    long FramesSent,
    [property: JsonPropertyName("silent")] bool IsSilent)
{
    internal static SimulatorSession Of(WebSocketConnection connection) =>
        new(connection.Id, connection.RegistrationCount, connection.FramesSent, connection.IsSilent);
}

/// <summary>The statistics of a simulator at one moment.</summary>
/// <param name="Sessions">Open sessions.</param>
/// <param name="Registrations">Current registrations of all sessions.</param>
/// <param name="FramesSent">Data frames queued for clients since the start.</param>
/// <param name="RecordsSent">Records in those frames.</param>
/// <param name="ConnectionsAccepted">Completed WebSocket handshakes since the start, including connections
/// that were closed immediately.</param>
/// <param name="ApprovalKeysIssued">Approval keys issued since the start.</param>
public sealed record SimulatorStatistics(
    int Sessions, int Registrations, long FramesSent, long RecordsSent, long ConnectionsAccepted, long ApprovalKeysIssued)
{
    internal static SimulatorStatistics Of(ServerCounters counters) =>
        new(
            (int)counters.Sessions.Value, (int)counters.Registrations.Value, counters.Frames.Value, counters.Records.Value,
            counters.Connections.Value, counters.ApprovalKeys.Value);
}
