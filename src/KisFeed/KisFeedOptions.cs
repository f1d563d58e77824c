using System.Diagnostics.Metrics;
using System.Net.Security;
using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>How a client connects, and its limits. Immutable; make changed copies with <c>with</c>.</summary>
public sealed record KisFeedOptions
{
    private const int MaxMessageLimit = 1 << 28;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    // The defaults of what a session is given.
    private static readonly SessionSettings s_session = new();

    /// <summary>The app key issued by KIS Developers. Required. Secret.</summary>
    public string AppKey { get; init; } = "";

    /// <summary>The app secret that belongs to the app key. Required. Secret.</summary>
    public string AppSecret { get; init; } = "";

    /// <summary>
    /// The source of app key and app secret, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET</c>; error messages name it as the place to
    /// correct them. Default: these options themselves.
    /// </summary>
    public string? CredentialsSource { get; init; }

    /// <summary>
    /// The HTS ID of the account that the app key belongs to. Order notices of this ID are requested with this app key. Default: none.
    /// </summary>
    public string? HtsId { get; init; }

    /// <summary>
    /// More app keys. Each has its own session with room for <see cref="MaxRegistrations"/> registrations. A registration goes to a session
    /// that has room, except order notices, which stay with the app key that has their HTS ID, or otherwise with the first. Default: none.
    /// </summary>
    public IReadOnlyList<AppCredentials> AdditionalAppKeys { get; init; } = [];

    /// <summary>The service to connect to. Default: production.</summary>
    public KisEnvironment Environment { get; init; } = KisEnvironment.Production;

    /// <summary>The type of customer that owns the app key. Default: a person.</summary>
    public CustomerType CustomerType { get; init; } = s_session.CustomerType;

    /// <summary>The WebSocket address; a path of <c>/</c> becomes <c>/tryitout</c>. Default: that of <see cref="Environment"/>.</summary>
    public Uri? WebSocketUrl { get; init; }

    /// <summary>
    /// The REST address that issues approval keys. Default: that of <see cref="Environment"/>. If <see cref="WebSocketUrl"/> is set and is
    /// not the broker's: the same host and port over HTTP, as simulator and gateway use it.
    /// </summary>
    public Uri? RestUrl { get; init; }

    /// <summary>
    /// The certificate, with its private key and the intermediate certificates, for servers that require one over TLS (mTLS), such as a
    /// gateway with a client CA. It is presented to every server that requests one. Default: none.
    /// </summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>Maximum number of registrations of a session. Default: 41, the broker's limit as of 2026.</summary>
    public int MaxRegistrations { get; init; } = s_session.MaxRegistrations;

    /// <summary>
    /// Maximum number of keys that may be newly registered with one app key within any minute; keys restored after a connection loss do
    /// not count. The broker blocks app keys that register and release in a loop. When none are left, a new registration waits up to
    /// <see cref="ReplyTimeout"/>, and then fails with a <see cref="RegistrationLimitException"/>. Default: 150;
    /// <see cref="int.MaxValue"/> for no limit.
    /// </summary>
    public int NewRegistrationsPerMinute { get; init; } = s_session.NewRegistrationsPerMinute;

    /// <summary>The same limit within any hour. Default: 900.</summary>
    public int NewRegistrationsPerHour { get; init; } = s_session.NewRegistrationsPerHour;

    /// <summary>Time limit for connecting, including the request for the approval key. Default: 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>When a lost session reconnects, and when it stops trying. Default: <see cref="ReconnectPolicy.Default"/>.</summary>
    public ReconnectPolicy Reconnect { get; init; } = s_session.Reconnect;

    /// <summary>
    /// How long the connection may stay completely silent (no data, no heartbeat) before it is considered dead and replaced. Must be longer
    /// than the service's heartbeat interval; otherwise quiet hours cause a reconnect loop. Default: 120 seconds.
    /// </summary>
    public TimeSpan WatchdogTimeout { get; init; } = s_session.WatchdogTimeout;

    /// <summary>Time limit for the answer to a request. Default: 10 seconds.</summary>
    public TimeSpan ReplyTimeout { get; init; } = s_session.ReplyTimeout;

    /// <summary>Minimum time between two requests. Default: 50 milliseconds.</summary>
    public TimeSpan RequestInterval { get; init; } = s_session.RequestInterval;

    /// <summary>Maximum number of frames in a subscription's queue. Default: 10,000.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>Maximum number of bytes in a subscription's queue, whatever the number of its frames. Default: 64 MiB.</summary>
    public long MaxQueueBytes { get; init; } = 64 << 20;

    /// <summary>What happens when a subscription's queue is full. Default: the oldest frame is dropped.</summary>
    public OverflowPolicy Overflow { get; init; } = OverflowPolicy.DropOldest;

    /// <summary>Maximum message length in bytes. A longer message is reported as malformed. Default: 1 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Where approval keys are kept while they are valid. Default: a cache in memory, shared by all clients made from these options.
    /// </summary>
    public ApprovalKeyCache ApprovalKeys { get; init; } = new();

    /// <summary>
    /// The feeds that can be subscribed to. To add those of a program's own record types, use
    /// <see cref="FeedCatalog.With(IEnumerable{FeedSchema})"/>. Default: all feeds of this library.
    /// </summary>
    // The catalog is created when it is first used: that takes milliseconds, and a program that starts may never need it.
    public FeedCatalog Catalog
    {
        get => field ?? KisFeeds.Catalog;
        init;
    }

    /// <summary>Names for columns that the broker has appended. Default: none.</summary>
    public LayoutFile? Layouts { get; init; }

    /// <summary>
    /// The decimal places of the prices of overseas futures and options, which the broker sends without them. Default: none, and prices are
    /// as sent.
    /// </summary>
    public PriceScales? PriceScales { get; init; }

    /// <summary>Where log messages go. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Creates the client's meter. Default: the client creates its own.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>
    /// The client's name in metrics and activities (tag <c>kisfeed.client</c>). Set it if a process has several clients, whose sessions
    /// could not be distinguished otherwise. Default: no tag.
    /// </summary>
    public string? ClientName { get; init; }

    /// <summary>
    /// Returns what decides when the session of an app key may connect; <see langword="null"/> for a session that needs no permission.
    /// Called once for each app key of a client. Default: none needs it.
    /// </summary>
    public Func<AppCredentials, ISessionPermit?>? Permits { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// The clock that tells whether the process was paused. It must continue while the process does not run. Default: that of the machine
    /// if <see cref="TimeProvider"/> is the system's, otherwise none.
    /// </summary>
    internal TimeProvider? RunClock { get; init; }

    /// <summary>The rate budgets of these options' app keys. Copies made by <c>with</c> share them.</summary>
    internal AppKeyBudgets Budgets { get; private init; } = new();

    /// <summary>All app keys, the options' own first, each with a name.</summary>
    internal IEnumerable<AppCredentials> AllAppKeys =>
        new[] { new AppCredentials { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId, Source = CredentialsSource } }
            .Concat(AdditionalAppKeys)
            .Select((credentials, i) => credentials with
            {
                Name = credentials.Name ?? (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
            });

    /// <summary>The options without their secrets.</summary>
    public override string ToString() => $"KisFeedOptions {{ Environment = {Environment}, WebSocketUrl = "
        + $"{KisEndpoints.Public(WebSocketUrl)}, RestUrl = {KisEndpoints.Public(RestUrl)} }}";

    /// <summary>Checks that the options can be used.</summary>
    /// <exception cref="KisFeedConfigurationException">A value is missing or out of range. The message says what to set.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(AppKey), nameof(AppKey), "is missing: set it to the app key that KIS Developers issued");
        Require(
            !string.IsNullOrWhiteSpace(AppSecret), nameof(AppSecret), "is missing: set it to the app secret that belongs to the app key");
        Require(
            WebSocketUrl is null or { IsAbsoluteUri: true, Scheme: "ws" or "wss" },
            nameof(WebSocketUrl),
            "must be absolute and begin with ws:// or wss://");
        Require(Enum.IsDefined(Environment), nameof(Environment), $"is {Environment}, which is not a valid environment");
        Require(
            Environment != KisEnvironment.Simulator || WebSocketUrl is not null,
            nameof(WebSocketUrl),
            $"is missing: the environment {KisEnvironment.Simulator} has no address of its own");
        Require(
            Environment != KisEnvironment.Simulator || !KisEndpoints.IsBroker(WebSocketUrl!),
            nameof(WebSocketUrl),
            $"is the broker's, which is not a simulator: set {nameof(Environment)} to "
                + $"{KisEnvironment.Production} or {KisEnvironment.Mock}");
        Require(
            RestUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" },
            nameof(RestUrl),
            "must be absolute and begin with http:// or https://");
        Require(ApprovalKeys is not null, nameof(ApprovalKeys), "must not be null: leave it out for a cache of its own");
        ValidateAppKeys();
        ValidateReconnect();
        Require(
            WatchdogTimeout > TimeSpan.Zero && WatchdogTimeout <= s_longest, nameof(WatchdogTimeout), "must be positive and at most a day");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), "must be positive");
        Require(NewRegistrationsPerMinute > 0, nameof(NewRegistrationsPerMinute), "must be positive");
        Require(
            NewRegistrationsPerHour >= NewRegistrationsPerMinute,
            nameof(NewRegistrationsPerHour),
            $"must not be less than {nameof(NewRegistrationsPerMinute)}");
        Require(QueueCapacity > 0, nameof(QueueCapacity), "must be positive");
        Require(MaxQueueBytes > 0, nameof(MaxQueueBytes), "must be positive");
        Require(MaxMessageBytes is >= 1024 and <= MaxMessageLimit, nameof(MaxMessageBytes), $"must be from 1024 to {MaxMessageLimit}");
        Require(
            ConnectTimeout > TimeSpan.Zero && ConnectTimeout <= s_longest, nameof(ConnectTimeout), "must be positive and at most a day");
        Require(ReplyTimeout > TimeSpan.Zero && ReplyTimeout <= s_longest, nameof(ReplyTimeout), "must be positive and at most a day");
        Require(
            RequestInterval >= TimeSpan.Zero && RequestInterval <= s_longest,
            nameof(RequestInterval),
            "must not be negative, and at most a day");
    }

    private void ValidateAppKeys()
    {
        Require(AdditionalAppKeys is not null, nameof(AdditionalAppKeys), "must not be null: leave it out, or use an empty list");
        var seen = new HashSet<string>(StringComparer.Ordinal) { AppKey };
        for (var i = 0; i < AdditionalAppKeys!.Count; i++)
        {
            var entry = $"{nameof(AdditionalAppKeys)}[{i}]";
            Require(AdditionalAppKeys[i] is not null, entry, "must not be null");
            Require(
                !string.IsNullOrWhiteSpace(AdditionalAppKeys[i].AppKey),
                $"{entry}.{nameof(AppKey)}",
                "is missing: set it to the app key that KIS Developers issued");
            Require(
                !string.IsNullOrWhiteSpace(AdditionalAppKeys[i].AppSecret),
                $"{entry}.{nameof(AppSecret)}",
                "is missing: set it to the app secret that belongs to the app key");
            Require(
                seen.Add(AdditionalAppKeys[i].AppKey),
                $"{entry}.{nameof(AppKey)}",
                "is a duplicate: the service allows one session per app key");
        }
    }

    private void ValidateReconnect()
    {
        Require(
            Reconnect is not null,
            nameof(Reconnect),
            $"must not be null: use {nameof(ReconnectPolicy)}.{nameof(ReconnectPolicy.Never)} to disable reconnecting");
        if (Reconnect!.Problem is { } problem)
            Require(false, nameof(Reconnect) + "." + problem.Option, problem.Text);
    }

    private static void Require(bool condition, string option, string problem)
    {
        if (!condition)
            throw new KisFeedConfigurationException($"{nameof(KisFeedOptions)}.{option} {problem}.");
    }
}

/// <summary>
/// What happens to frames that arrive while a subscription's queue is full. Dropped frames are counted and reported as a gap.
/// </summary>
public enum OverflowPolicy
{
    /// <summary>Drops the oldest frame in the queue: the consumer stays close to the present.</summary>
    DropOldest,

    /// <summary>Drops the arriving frame: everything up to the gap is complete.</summary>
    DropNewest,
}

/// <summary>The type of the app key's owner (<c>custtype</c>).</summary>
public enum CustomerType
{
    /// <summary>P: a person (개인).</summary>
    Person,

    /// <summary>B: a company (법인).</summary>
    Business,
}
