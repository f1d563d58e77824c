using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// A server that speaks the broker's protocol on one port and sends the frames of a capture to the clients registered for them, unchanged
/// and with the original time between them. Connections share a clock; a connection whose URL has a query, such as
/// <c>?from=10:30&amp;speed=max</c>, has its own.
/// </summary>
/// <remarks>
/// The shared clock starts as <see cref="ReplayOptions.Wait"/> says, stops while there are no registrations, and restarts with the next
/// registration after all clients have left. At the end of the capture, connections stay open. Frames are never dropped: if a client does
/// not read, up to 2 MiB are queued for it, then the replay waits, then the connection is cut
/// (<see cref="BrokerServerOptions.SlowClientLimit"/>).
/// </remarks>
public sealed class ReplayServer : BrokerServer
{
    private readonly ReplayFeed _feed;
    private readonly ReplayCounters _replayCounters;
    private readonly ILogger _logger;

    private ReplayServer(ServerHost host, ReplayFeed feed, ReplayCounters replayCounters, ILogger logger)
        : base(host)
    {
        _feed = feed;
        _replayCounters = replayCounters;
        _logger = logger;
    }

    /// <summary>
    /// Completes when the shared clock reaches the end of the capture: all frames are queued for the
    /// clients then. Never completes in a loop.
    /// </summary>
    public Task Ended => _feed.Ended;

    /// <summary>The current statistics.</summary>
    public ReplayStatistics Statistics => new(
        (int)Host.Counters.Sessions.Value,
        (int)Host.Counters.Registrations.Value,
        _replayCounters.Frames,
        Host.Counters.Frames.Value,
        _replayCounters.Position,
        _replayCounters.Problems,
        _replayCounters.UnmatchedNotices,
        Host.Counters.Connections.Value,
        Host.Counters.ApprovalKeys.Value);

    /// <summary>Starts a server. The server listens when the task completes.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An allowed origin is not valid.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<ReplayServer> StartAsync(ReplayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
        var listening = options.HostOptionsFor(address, "replay");
        var revision = LayoutRevision.Parse(options.Revision, options.Capture.Options.Catalog, nameof(ReplayOptions.Revision));
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ReplayServer>();
        var replayCounters = new ReplayCounters();
        var source = new ReplaySource
        {
            Catalog = options.Capture.Options.Catalog,
            ReadAsync = new CaptureFrames(options.Capture, replayCounters, logger).ReadAsync,
            Owners = await NoticeOwners.ReadAsync(options.Capture, cancellationToken).ConfigureAwait(false),
            Counters = replayCounters,
        };
        var sessions = options.SessionOptionsFor(source.Catalog, logger);
        var feed = new ReplayFeed(source, options, logger);
        var policy = new ReplayPolicy(
            sessions, feed, options, own => new ReplayFeed(source, own, logger) { EndsWithConnection = true });
        var webSocket = new WebSocketEndpoint(sessions, policy, new ConnectionSet(), new ConnectionLimits()) { Revision = revision };
        var host = await ServerHost.StartAsync(listening, new OAuthEndpoints(sessions), webSocket, feed, cancellationToken)
            .ConfigureAwait(false);
        var server = new ReplayServer(host, feed, replayCounters, logger);
        ReplayLog.Started(logger, server.RestUrl, options.Capture.Files.Count);
        return server;
    }

    private protected override async Task StopCoreAsync(TimeSpan? readTime)
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        await Host.CloseAsync("the replay stops", readTime).ConfigureAwait(false);
        ReplayLog.Stopped(_logger);
    }
}

/// <summary>The statistics of a replay server at one moment.</summary>
/// <param name="Sessions">Open WebSocket connections.</param>
/// <param name="Registrations">Current registrations of all sessions.</param>
/// <param name="FramesPlayed">Frames of the capture that were due, over all clocks, whether or not a
/// client was registered for them.</param>
/// <param name="FramesSent">Data frames queued for clients.</param>
/// <param name="Position">The time of receipt of the last due frame; <see langword="null"/> before the first.</param>
/// <param name="Problems">Problems found in the capture, counted each time it was read.</param>
/// <param name="UnclaimedNotices">Order notices that were not sent, because they belong to none of the registered HTS IDs.</param>
/// <param name="ConnectionsAccepted">Completed WebSocket handshakes.</param>
/// <param name="ApprovalKeysIssued">Approval keys issued.</param>
public sealed record ReplayStatistics(
    int Sessions,
    int Registrations,
    long FramesPlayed,
    long FramesSent,
    DateTimeOffset? Position,
    long Problems,
    long UnclaimedNotices,
    long ConnectionsAccepted,
    long ApprovalKeysIssued);
