using System.Diagnostics.Metrics;
using System.Net.Security;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>How a client connects and what it may use. Immutable; change with <c>with</c>.</summary>
public sealed record KisFeedOptions
{
    private const int MaxMessageLimit = 1 << 28;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The app key that KIS Developers issued. Required. Secret.</summary>
    public string AppKey { get; init; } = "";

    /// <summary>The app secret that belongs to the app key. Required. Secret.</summary>
    public string AppSecret { get; init; } = "";

    /// <summary>Where app key and app secret come from, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET</c>: errors say to correct them there. Default: these options themselves.</summary>
    public string? CredentialsSource { get; init; }

    /// <summary>The HTS ID of the account that the app key belongs to: order notices of this ID are asked for with it. Default: none.</summary>
    public string? HtsId { get; init; }

    /// <summary>
    /// More app keys, each with a session of its own and <see cref="MaxRegistrations"/> places in it. Registrations are placed where there is room,
    /// except order notices, which stay with the app key that has their HTS ID, or else with the first. Default: none.
    /// </summary>
    public IReadOnlyList<AppCredentials> AdditionalAppKeys { get; init; } = [];

    /// <summary>Production or mock. Default: production.</summary>
    public KisEnvironment Environment { get; init; } = KisEnvironment.Production;

    /// <summary>Whose app key it is. Default: a person's.</summary>
    public CustomerType CustomerType { get; init; } = CustomerType.Person;

    /// <summary>The WebSocket address; a path of <c>/</c> becomes <c>/tryitout</c>. Default: that of <see cref="Environment"/>.</summary>
    public Uri? WebSocketUrl { get; init; }

    /// <summary>
    /// The REST address that issues approval keys. Default: that of <see cref="Environment"/>, or, where <see cref="WebSocketUrl"/> is given,
    /// and is not the broker's, the same host and port over HTTP, as simulator and gateway have it.
    /// </summary>
    public Uri? RestUrl { get; init; }

    /// <summary>
    /// The certificate, with its private key and the intermediate ones, for servers that require one over TLS (mTLS), such as a gateway with a client CA. It is presented to every server that asks for one. Default: none.
    /// </summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>Registrations that the session may hold. Default: 41, the broker's limit as of 2026.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>
    /// Keys that may be registered with one app key within any minute, beside those that are restored after a loss of the connection. The broker blocks app keys that register and release in a loop. While none are left a new
    /// registration waits up to <see cref="ReplyTimeout"/> for its turn, and fails with a <see cref="RegistrationLimitException"/> if that is not enough. Default: 150; <see cref="int.MaxValue"/> for no limit.
    /// </summary>
    public int NewRegistrationsPerMinute { get; init; } = 150;

    /// <summary>The same within any hour. Default: 900.</summary>
    public int NewRegistrationsPerHour { get; init; } = 900;

    /// <summary>How long connecting, the approval key included, may take. Default: 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How a session that was lost is made anew, and when that is given up. Default: <see cref="ReconnectPolicy.Default"/>.</summary>
    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    /// <summary>
    /// How long nothing at all, data or heartbeat, may arrive before the connection counts as dead and is replaced. Must be longer than the
    /// interval of the service's heartbeats, or quiet hours become a loop of connecting and dropping. Default: 120 seconds.
    /// </summary>
    public TimeSpan WatchdogTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long the answer to a request is awaited. Default: 10 seconds.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two requests. Default: 50 milliseconds.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Frames that a subscription's queue holds. Default: 10,000.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>
    /// Bytes that a subscription's queue holds, whatever the number of its frames: they are as large as the server makes them. Default: 64 MiB.
    /// </summary>
    public long MaxQueueBytes { get; init; } = 64 << 20;

    /// <summary>What happens when a subscription's queue is full. Default: the oldest frame is dropped.</summary>
    public OverflowPolicy Overflow { get; init; } = OverflowPolicy.DropOldest;

    /// <summary>The longest message, in bytes, that is taken; a longer one is reported as malformed. Default: 1 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>Where approval keys are kept while they are valid. Default: a cache of these options' own, shared by all clients made from them.</summary>
    public ApprovalKeyCache ApprovalKeys { get; init; } = new();

    /// <summary>Names for columns that the broker has appended. Default: none.</summary>
    public LayoutFile? Layouts { get; init; }

    /// <summary>Where log messages go. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Where the client's meter comes from. Default: the client has one of its own.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>
    /// What metrics and activities call the client (tag <c>kisfeed.client</c>). To be given where a process has several, whose sessions could not be told
    /// apart otherwise. Default: no tag.
    /// </summary>
    public string? ClientName { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How often these options' app keys may still connect and register. Shared by copies that <c>with</c> makes.</summary>
    internal AppKeyBudgets Budgets { get; private init; } = new();

    /// <summary>Every app key, the options' own first, each with a name.</summary>
    internal IEnumerable<AppCredentials> AllAppKeys =>
        new[] { new AppCredentials { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId, Source = CredentialsSource } }
            .Concat(AdditionalAppKeys)
            .Select((credentials, i) => credentials with { Name = credentials.Name ?? (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) });

    /// <summary>The options without their secrets.</summary>
    public override string ToString() => $"KisFeedOptions {{ Environment = {Environment}, WebSocketUrl = {KisEndpoints.Public(WebSocketUrl)}, RestUrl = {KisEndpoints.Public(RestUrl)} }}";

    /// <summary>Checks that the options can be used.</summary>
    /// <exception cref="KisFeedConfigurationException">Something is missing or out of range; the message says what to set.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(AppKey), nameof(AppKey), "is missing: set it to the app key that KIS Developers issued");
        Require(!string.IsNullOrWhiteSpace(AppSecret), nameof(AppSecret), "is missing: set it to the app secret that belongs to the app key");
        Require(WebSocketUrl is null or { IsAbsoluteUri: true, Scheme: "ws" or "wss" }, nameof(WebSocketUrl), "must be absolute and begin with ws:// or wss://");
        Require(Enum.IsDefined(Environment), nameof(Environment), $"is {Environment}, which does not exist");
        Require(Environment != KisEnvironment.Simulator || WebSocketUrl is not null, nameof(WebSocketUrl), $"is missing: the environment {KisEnvironment.Simulator} has no address of its own");
        Require(Environment != KisEnvironment.Simulator || !KisEndpoints.IsBroker(WebSocketUrl!), nameof(WebSocketUrl), $"is the broker's, which is not a simulator: set {nameof(Environment)} to {KisEnvironment.Production} or {KisEnvironment.Mock}");
        Require(RestUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(RestUrl), "must be absolute and begin with http:// or https://");
        Require(ApprovalKeys is not null, nameof(ApprovalKeys), "must not be null: leave it out for a cache of its own");
        ValidateAppKeys();
        ValidateReconnect();
        Require(WatchdogTimeout > TimeSpan.Zero && WatchdogTimeout <= s_longest, nameof(WatchdogTimeout), "must be positive and at most a day");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), "must be positive");
        Require(NewRegistrationsPerMinute > 0, nameof(NewRegistrationsPerMinute), "must be positive");
        Require(NewRegistrationsPerHour >= NewRegistrationsPerMinute, nameof(NewRegistrationsPerHour), $"must not be less than {nameof(NewRegistrationsPerMinute)}");
        Require(QueueCapacity > 0, nameof(QueueCapacity), "must be positive");
        Require(MaxQueueBytes > 0, nameof(MaxQueueBytes), "must be positive");
        Require(MaxMessageBytes is >= 1024 and <= MaxMessageLimit, nameof(MaxMessageBytes), $"must be from 1024 to {MaxMessageLimit}");
        Require(ConnectTimeout > TimeSpan.Zero && ConnectTimeout <= s_longest, nameof(ConnectTimeout), "must be positive and at most a day");
        Require(ReplyTimeout > TimeSpan.Zero && ReplyTimeout <= s_longest, nameof(ReplyTimeout), "must be positive and at most a day");
        Require(RequestInterval >= TimeSpan.Zero && RequestInterval <= s_longest, nameof(RequestInterval), "must not be negative, and at most a day");
    }

    private void ValidateAppKeys()
    {
        Require(AdditionalAppKeys is not null, nameof(AdditionalAppKeys), "must not be null: leave it out, or use an empty list");
        var seen = new HashSet<string>(StringComparer.Ordinal) { AppKey };
        for (var i = 0; i < AdditionalAppKeys!.Count; i++)
        {
            var entry = $"{nameof(AdditionalAppKeys)}[{i}]";
            Require(AdditionalAppKeys[i] is not null, entry, "must not be null");
            Require(!string.IsNullOrWhiteSpace(AdditionalAppKeys[i].AppKey), $"{entry}.{nameof(AppKey)}", "is missing: set it to the app key that KIS Developers issued");
            Require(!string.IsNullOrWhiteSpace(AdditionalAppKeys[i].AppSecret), $"{entry}.{nameof(AppSecret)}", "is missing: set it to the app secret that belongs to the app key");
            Require(seen.Add(AdditionalAppKeys[i].AppKey), $"{entry}.{nameof(AppKey)}", "has been given already: the service allows an app key one session");
        }
    }

    private void ValidateReconnect()
    {
        Require(Reconnect is not null, nameof(Reconnect), $"must not be null: use {nameof(ReconnectPolicy)}.{nameof(ReconnectPolicy.Never)} to have none");
        if (Reconnect!.Problem is { } problem)
            Require(false, nameof(Reconnect) + "." + problem.Option, problem.Text);
    }

    private static void Require(bool condition, string option, string problem)
    {
        if (!condition)
            throw new KisFeedConfigurationException($"{nameof(KisFeedOptions)}.{option} {problem}.");
    }
}
