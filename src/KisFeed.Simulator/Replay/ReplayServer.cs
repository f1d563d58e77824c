using System.Net;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// A server that speaks the broker's protocol on one port and sends the frames of a capture to the clients registered for them, unchanged and with the
/// original time between them. Connections share a clock; a connection whose URL has a query, such as <c>?from=10:30&amp;speed=max</c>, has its own.
/// </summary>
/// <remarks>
/// The shared clock starts as <see cref="ReplayOptions.Wait"/> says, stops while there are no registrations, and restarts with the next registration
/// after all clients have left. At the end of the capture, connections stay open. Frames are never dropped: if a client does not read, up to 2 MiB
/// are queued for it, then the replay waits, then the connection is cut (<see cref="ReplayOptions.SlowClientLimit"/>).
/// </remarks>
public sealed class ReplayServer : IAsyncDisposable
{
    private readonly ServerHost _host;
    private readonly ReplayFeed _feed;
    private readonly ReplayCounters _replayCounters;
    private readonly ILogger _logger;

    private ReplayServer(ServerHost host, ReplayFeed feed, ReplayCounters replayCounters, ILogger logger)
    {
        _host = host;
        _feed = feed;
        _replayCounters = replayCounters;
        _logger = logger;
    }

    /// <summary>The TCP port that the server listens on.</summary>
    public int Port => RestUrl.Port;

    /// <summary>The address of the REST API, which issues approval keys, e.g. <c>http://127.0.0.1:21000</c>.</summary>
    public Uri RestUrl => _host.RestUrl;

    /// <summary>The address of the feeds, e.g. <c>ws://127.0.0.1:21000</c>; with or without the path <c>/tryitout</c>.</summary>
    public Uri WebSocketUrl => _host.WebSocketUrl;

    /// <summary>
    /// Completes when the shared clock reaches the end of the capture: all frames are queued for the clients then. Never completes in a loop.
    /// </summary>
    public Task Ended => _feed.Ended;

    /// <summary>The current statistics.</summary>
    public ReplayStatistics Statistics => new(
        _host.Counters.Sessions,
        _host.Counters.Registrations,
        _replayCounters.Frames,
        _host.Counters.Frames,
        _replayCounters.Position,
        _replayCounters.Problems,
        _replayCounters.UnmatchedNotices,
        _host.Counters.Connections,
        _host.Counters.ApprovalKeys);

    /// <summary>Starts a server. The server listens when the task completes.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An allowed origin is not valid.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<ReplayServer> StartAsync(ReplayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
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
        var counters = new ServerCounters();
        var gate = new BrowserRequestGate(new OriginRules(options.AllowedOrigins), "replay");
        var feed = NewFeed(options.Settings);
        var sessionOptions = SessionOptionsOf(options, feed, counters, new ApprovalKeys(options.TimeProvider), logger);
        var webSocket = new WebSocketEndpoint(sessionOptions.Catalog, new ReplayPolicy(sessionOptions, feed, options.Settings, NewFeed), new ConnectionSet(), counters, logger) { Revision = revision };
        var listening = new ServerHostOptions { EndPoint = new IPEndPoint(address, options.Port), Loggers = options.LoggerFactory, Gate = gate };
        var host = await ServerHost.StartAsync(listening, new OAuthEndpoints(OAuthOptions.Of(sessionOptions)), webSocket, feed, cancellationToken).ConfigureAwait(false);
        var server = new ReplayServer(host, feed, replayCounters, logger);
        ReplayLog.Started(logger, server.RestUrl, options.Capture.Files.Count);
        return server;

        ReplayFeed NewFeed(ReplaySettings settings) => new(source, settings, options.SlowClientLimit, options.TimeProvider, logger);
    }

    /// <summary>Stops the replay and closes every connection. Ends within about two seconds, whatever clients do. Safe to call more than once.</summary>
    /// <param name="readTime">Additional time for clients to read their queued frames.</param>
    public Task StopAsync(TimeSpan? readTime = null) => _host.StopOnceAsync(() => StopCoreAsync(readTime));

    /// <summary>Stops the server if it is running.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static SessionOptions SessionOptionsOf(ReplayOptions options, ReplayFeed feed, ServerCounters counters, ApprovalKeys approvalKeys, ILogger logger) => new()
    {
        Catalog = options.Capture.Options.Catalog,
        Source = feed,
        Credentials = new CredentialRules(options.AppKey, options.AppSecret, htsId: null),
        ApprovalKeys = approvalKeys,
        Gate = new AppKeyGate(approvalKeys, new AppKeySessions(options.TimeProvider)),
        Counters = counters,
        MaxRegistrations = options.MaxRegistrations,
        UsesKeyPerRegistration = options.AesPerRegistration,
        HeartbeatInterval = options.HeartbeatInterval,
        TimeProvider = options.TimeProvider,
        Logger = logger,
    };

    private async Task StopCoreAsync(TimeSpan? readTime)
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        await _host.CloseAsync("the replay stops", readTime).ConfigureAwait(false);
        ReplayLog.Stopped(_logger);
    }
}

/// <summary>The statistics of a replay server at one moment.</summary>
/// <param name="Sessions">Open WebSocket connections.</param>
/// <param name="Registrations">Current registrations of all sessions.</param>
/// <param name="FramesPlayed">Frames of the capture that were due, over all clocks, whether or not a client was registered for them.</param>
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
