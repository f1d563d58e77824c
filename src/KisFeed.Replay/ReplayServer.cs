using System.Net;
using KisFeed.Server;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Replay;

/// <summary>
/// A service that speaks the broker's protocol, on one port, and sends the frames of a capture to whoever registers for them, as they were received and
/// with the time between them. Connections share a clock; one whose address has a query, such as <c>?from=10:30&amp;speed=max</c>, has its own.
/// </summary>
/// <remarks>
/// The shared clock begins as <see cref="ReplayOptions.Wait"/> says, stands still while nobody is registered, and begins anew with the next who registers after everybody has
/// left. At the end of the capture connections stay open. Frames are never dropped: where a client does not read, up to 2 MiB wait for it, then the
/// replay waits, then the connection is cut (<see cref="ReplayOptions.SlowClientLimit"/>).
/// </remarks>
public sealed class ReplayServer : IAsyncDisposable
{
    private readonly ServerHost _host;
    private readonly ReplayFeed _feed;
    private readonly ReplayCounters _played;
    private readonly ServerCounters _counters;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task? _stopping;

    private ReplayServer(ServerHost host, ReplayFeed feed, ReplayCounters played, ServerCounters counters, ILogger logger)
    {
        _host = host;
        _feed = feed;
        _played = played;
        _counters = counters;
        _logger = logger;
    }

    /// <summary>The TCP port it listens at.</summary>
    public int Port => RestUrl.Port;

    /// <summary>Where approval keys are to be had, e.g. <c>http://127.0.0.1:21000</c>.</summary>
    public Uri RestUrl => _host.RestUrl;

    /// <summary>Where the feeds are, e.g. <c>ws://127.0.0.1:21000</c>; with or without the path <c>/tryitout</c>.</summary>
    public Uri WebSocketUrl => _host.WebSocketUrl;

    /// <summary>
    /// Completes when the shared clock has come to the end of the capture for the first time: everything of it is queued for its clients then. Never where it loops.
    /// </summary>
    public Task Ended => _feed.Ended;

    /// <summary>What it is doing now.</summary>
    public ReplayStatistics Statistics => new(
        _counters.Sessions,
        _counters.Registrations,
        _played.Frames,
        _counters.Frames,
        _played.Position,
        _played.Problems,
        _played.UnmatchedNotices,
        _counters.Connections,
        _counters.ApprovalKeys);

    /// <summary>Starts a server. It listens when the task completes.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An allowed origin is not one.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ReplayServer> StartAsync(ReplayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ReplayServer>();
        var played = new ReplayCounters();
        var replaySource = new ReplaySource
        {
            Catalog = options.Capture.Options.Catalog,
            ReadAsync = new CaptureFrames(options.Capture, played, logger).ReadAsync,
            Owners = await NoticeOwners.ReadAsync(options.Capture, cancellationToken).ConfigureAwait(false),
            Counters = played,
        };
        var counters = new ServerCounters();
        var connections = new ConnectionSet();
        var feed = NewFeed(options.Settings);
        var rules = RulesOf(options, feed, counters, new ApprovalKeys(options.TimeProvider), logger);
        var oauth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = rules.Credentials,
            ApprovalKeys = rules.ApprovalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = logger,
        });
        var webSocket = new WebSocketEndpoint(new ReplayPolicy(rules, feed, options.Settings, NewFeed), connections, counters, logger);
        ServerHost host;
        try
        {
            var gate = new BrowserRequestGate(new OriginRules(options.AllowedOrigins), "replay");
            host = await ServerHost.StartAsync(new ServerHostOptions { EndPoint = new IPEndPoint(address, options.Port), Loggers = options.LoggerFactory, Gate = gate }, oauth, webSocket, connections, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await feed.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var server = new ReplayServer(host, feed, played, counters, logger);
        ReplayLog.Started(logger, server.RestUrl, options.Capture.Files.Count);
        return server;

        ReplayFeed NewFeed(ReplaySettings settings) => new(replaySource, settings, options.SlowClientLimit, options.TimeProvider, logger);
    }

    /// <summary>Stops the replay, closes every connection, and ends within about two seconds, whatever clients do. Safe to call again.</summary>
    /// <param name="readTime">How long clients have to read what is queued for them, where that is to be longer.</param>
    public Task StopAsync(TimeSpan? readTime = null)
    {
        lock (_gate)
            return _stopping ??= StopCoreAsync(readTime);
    }

    /// <summary>Stops, if that has not happened yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static SessionOptions RulesOf(ReplayOptions options, ReplayFeed feed, ServerCounters counters, ApprovalKeys approvalKeys, ILogger logger) => new()
    {
        Catalog = options.Capture.Options.Catalog,
        Source = feed,
        Credentials = new CredentialRules(options.AppKey, options.AppSecret, htsId: null),
        ApprovalKeys = approvalKeys,
        Gate = new AppKeyGate(approvalKeys, new AppKeySessions(options.TimeProvider)),
        Counters = counters,
        MaxRegistrations = options.MaxRegistrations,
        HeartbeatInterval = options.HeartbeatInterval,
        TimeProvider = options.TimeProvider,
        Logger = logger,
    };

    private async Task StopCoreAsync(TimeSpan? readTime)
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        await _host.StopAsync("the replay stops", readTime).ConfigureAwait(false);
        ReplayLog.Stopped(_logger);
    }
}
