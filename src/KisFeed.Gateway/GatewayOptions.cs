using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Certificates;
using KisFeed.Gateway.Web.Html;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>The options of a gateway. Only <see cref="Upstream"/> is required.</summary>
public sealed record GatewayOptions
{
    /// <summary>The default of <see cref="MaxConnections"/>.</summary>
    internal const int DefaultMaxConnections = 4_000;

    private const int MinQueueBytes = 64 * 1024;
    private const int MaxQueueLimit = 1 << 28;
    private const int EverybodyFactor = 20;
    private const int AddressDivisor = 4;

    private static readonly ImmutableArray<string> s_mainIndices = ["0001", "1001", "2001"]; // KOSPI, KOSDAQ, KOSPI 200

    private static readonly TimeSpan s_minRequestTimeout = TimeSpan.FromSeconds(1); // Kestrel checks timeouts once a second.

    /// <summary>The source whose feeds are shared: the options of a service, or another source of frames.</summary>
    public required GatewaySource Upstream { get; init; }

    /// <summary>The TCP port of all endpoints. 0, the default, selects a free port.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The IP address to listen on, or <c>localhost</c>. An address that other machines can reach needs consumers in the
    /// <see cref="TokenFile"/>, or <see cref="AllowAnonymous"/>. Default 127.0.0.1.
    /// </summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// Kestrel's own configuration, as ASP.NET Core has it under <c>Kestrel</c>. With <c>Certificates:Default</c> (<c>Path</c>,
    /// <c>KeyPath</c>, <c>Password</c> …) the gateway accepts only TLS connections. <c>Endpoints</c> cannot be set, because
    /// <see cref="Address"/> and <see cref="Port"/> define the only endpoint. Default none.
    /// </summary>
    public IConfiguration? Kestrel { get; init; }

    /// <summary>
    /// How often to check whether the files of the certificate have changed. New connections get the new certificate. Default 5 seconds.
    /// </summary>
    public TimeSpan CertificateReloadInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A file with the certificates of the authorities (CA) that issue client certificates: PEM, or one in DER. If set, every connection
    /// needs such a certificate, including those for health checks. The file is checked for changes like the certificate. Requires TLS.
    /// Revocation lists are not checked. Default none: clients need no certificate.
    /// </summary>
    public string? ClientCa { get; init; }

    /// <summary>
    /// Whether to admit everybody, also to order notices, on an address that other machines can reach, as long as
    /// there are no consumers. Default no.
    /// </summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// The file of <c>kisfeed gateway token</c> with the consumers that may use the gateway. Only these are admitted, and nobody while the
    /// file is missing or empty. Default none: everybody who can reach the gateway is admitted.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether to admit everybody as long as <see cref="TokenFile"/> does not exist. Default no.</summary>
    public bool OpenUntilTokenFileExists { get; init; }

    /// <summary>How often to check whether <see cref="TokenFile"/> has changed. Default 5 seconds.</summary>
    public TimeSpan TokenReloadInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Origins of web pages that may use the gateway, in addition to its own address, as browsers send them: <c>https://charts.example</c>,
    /// <c>http://localhost:5173</c>. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// The limits of one consumer. Without consumers, all clients together may use 20 times the requests, and as many connections and
    /// registrations as the gateway allows.
    /// </summary>
    public ConsumerLimits Limits { get; init; } = ConsumerLimits.Default;

    /// <summary>
    /// The kept keys: they stay registered whether or not a consumer wants them, and are recorded and available at once. Default none.
    /// </summary>
    public IReadOnlyList<GatewayKey> Keep { get; init; } = [];

    /// <summary>
    /// The source of the data of <see cref="Upstream"/>. It only affects what is displayed. Default <see cref="DataSource.Service"/>.
    /// </summary>
    public DataSource Source { get; init; }

    /// <summary>
    /// The keys that the dashboard shows to users without a list of their own. Must not contain order notices. Default
    /// <see langword="null"/>: <see cref="Keep"/> without order notices, or if that is empty, the indices 0001, 1001 and 2001.
    /// </summary>
    public IReadOnlyList<GatewayKey>? DashboardKeys { get; init; }

    /// <summary>The instruments that can be found by name, in display order. Default none.</summary>
    public IReadOnlyList<Instrument> Instruments { get; init; } = [];

    /// <summary>
    /// Where and how to record everything from upstream; <see langword="null"/>, the default, to record nothing. Order notices are recorded
    /// only if <see cref="CaptureRecorderOptions.Notices"/> is set.
    /// </summary>
    public CaptureRecorderOptions? Recording { get; init; }

    /// <summary>
    /// Starts a sink that stores the recording elsewhere, with the factory for its meter; <see langword="null"/>, the default, for none.
    /// Needs <see cref="Recording"/>. Called when the recorder has started; the gateway disposes the sink after the recorder has stopped.
    /// </summary>
    public Func<IMeterFactory, IRecordingSink>? OpenSink { get; init; }

    /// <summary>
    /// Starts a publisher of everything that is recorded, except order notices; <see langword="null"/>, the default, for
    /// none. Needs <see cref="Recording"/>, from which it publishes what it could not publish at once. The gateway disposes
    /// the publisher before the recorder.
    /// </summary>
    public Func<FramePublisherContext, IFramePublisher>? OpenPublisher { get; init; }

    /// <summary>
    /// Returns the state of the cluster that the gateway belongs to; <see langword="null"/>, the default, if it belongs to none. Called for
    /// each request for the status, so it must return at once: what was read last.
    /// </summary>
    public Func<GatewayCluster>? Cluster { get; init; }

    /// <summary>
    /// How long a key stays registered upstream after its last consumer has left, so that a consumer that returns soon misses nothing; but
    /// at least until <see cref="MinimumHold"/> after it was registered. Default 30 seconds.
    /// </summary>
    public TimeSpan ReleaseGrace { get; init; } = DefaultReleaseGrace;

    /// <summary>
    /// How long the keys of a page of the dashboard stay registered upstream after it was closed, so that its charts are complete when it
    /// is opened again; at least <see cref="ReleaseGrace"/>. A key that somebody requests gets the slot of one that is kept only by this.
    /// Has no effect with a source that is not a service, such as a cluster, whose slots others use too. Default 10 minutes.
    /// </summary>
    public TimeSpan PageGrace { get; init; } = DefaultPageGrace;

    /// <summary>
    /// The minimum time that a key stays registered upstream, even if another key needs its slot: the broker blocks app keys that register
    /// and release without receiving. The other key waits. Default 10 seconds.
    /// </summary>
    public TimeSpan MinimumHold { get; init; } = DefaultMinimumHold;

    /// <summary>
    /// How long a consumer waits for upstream's reply to a registration. After that, the registration counts as granted until
    /// upstream replies. Default 3 seconds.
    /// </summary>
    public TimeSpan RegisterTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Registrations that a consumer may have on one connection, over all feeds. Default 41, as in the service.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>
    /// The form of the records in the broker's protocol: <c>2025</c> or <c>2024</c> for the columns of that year, the number of columns of
    /// each feed, e.g. <c>H0STCNT0=46,H0STASP0=59</c>, and <c>single</c> to send each record in a frame of its own; several are separated
    /// by commas. A client's address may name another: <c>ws://127.0.0.1:21000/revision/2025,single</c>. Default: as the broker sends them.
    /// </summary>
    public string? Revision { get; init; }

    /// <summary>
    /// Whether each registration of an order notice has an AES key and IV of its own. Which of the two the broker does is unknown. Default:
    /// no, one pair for each session, which serves clients that keep one pair as well as those that keep one for each registration.
    /// </summary>
    public bool AesPerRegistration { get; init; }

    /// <summary>
    /// The maximum number of open connections, including those that have not authenticated yet. At most the limit of open files minus 350,
    /// which the process reserves; a reduction is logged. Default 4,000.
    /// </summary>
    public int MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>
    /// The maximum number of open connections from one IP address, or from one IPv6 network (/64), so that no client can lock out the
    /// others. Addresses of this machine may have <see cref="MaxConnections"/>, because all its programs share one address, as do
    /// clients behind a reverse proxy on this machine. Default a quarter of <see cref="MaxConnections"/>, but at least the
    /// connections that one consumer may have.
    /// </summary>
    public int? MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// Reverse proxies and load balancers in front of the gateway that are trusted to report the address of a client: by the header
    /// <c>X-Forwarded-For</c>, whose rightmost address that is not a trusted proxy counts, or by
    /// <see cref="ProxyProtocol"/>. The limits per address then apply to the client. Default none.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Whether the <see cref="TrustedProxies"/> start each connection with a header of the PROXY protocol, version 1 or 2. Default no.
    /// </summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>
    /// A second TCP port for health checks and metrics, with its own connection limit and without TLS: <c>/healthz</c>, <c>/readyz</c>,
    /// <c>/metrics</c>. 0 selects a free port. Default none.
    /// </summary>
    public int? HealthPort { get; init; }

    /// <summary>The IP address of <see cref="HealthPort"/>, or <c>localhost</c>. Default 127.0.0.1.</summary>
    public string HealthAddress { get; init; } = "127.0.0.1";

    /// <summary>
    /// The timeout for the start of the first request of a connection, for the headers and then the body of a request, and for the client
    /// to read a response that is not a stream. Must be more than one second. Default 5 seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a connection in the broker's protocol may wait before its first request with a valid approval key. Default 30 seconds.
    /// </summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The maximum queue of a connection in the broker's protocol, in bytes. Beyond that, the connection is closed. Up to twice as much
    /// memory is used while the queue is being written. From 64 KiB to 256 MiB. Default 4 MiB.
    /// </summary>
    public int MaxQueueBytes { get; init; } = 4 << 20;

    /// <summary>
    /// The approximate maximum queue of an HTTP stream, in bytes of memory, in addition to the number of records that its client requested.
    /// The client also chooses what happens beyond that. From 64 KiB to 256 MiB. Default 8 MiB.
    /// </summary>
    public int StreamQueueBytes { get; init; } = 8 << 20;

    /// <summary>The interval of heartbeats on an idle HTTP stream. Default 10 seconds.</summary>
    public TimeSpan StreamHeartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far back an HTTP stream can resume an earlier one. Default 60 seconds.</summary>
    public TimeSpan ReplayBufferAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The approximate memory of the replay buffer, which streams resume from, in bytes, over all keys. Default 16 MiB.</summary>
    public int ReplayBufferBytes { get; init; } = 16 << 20;

    /// <summary>
    /// The time between heartbeats; <see cref="Timeout.InfiniteTimeSpan"/> for none. A consumer need not answer them. Default 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock for consumers; upstream uses that of <see cref="Upstream"/>. Default the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log. Secrets and HTS IDs are never logged. Default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Creates the gateway's meter, which has the same name as the client's (<see cref="KisFeedDiagnostics.MeterName"/>). Default
    /// none: the meter is created directly.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The default of <see cref="ReleaseGrace"/>.</summary>
    internal static TimeSpan DefaultReleaseGrace => TimeSpan.FromSeconds(30);

    /// <summary>The default of <see cref="PageGrace"/>.</summary>
    internal static TimeSpan DefaultPageGrace => TimeSpan.FromMinutes(10);

    /// <summary>The default of <see cref="MinimumHold"/>.</summary>
    internal static TimeSpan DefaultMinimumHold => TimeSpan.FromSeconds(10);

    /// <summary>The dashboard's files.</summary>
    internal HtmlFiles Html { get; init; } = HtmlFiles.BuiltIn;

    /// <summary>The limits of all clients together without consumers.</summary>
    internal ConsumerLimits LimitsOfEverybody => Limits with
    {
        MaxConnections = MaxConnections,
        MaxRegistrations = int.MaxValue,
        RequestsPerSecond = Limits.RequestsPerSecond * EverybodyFactor,
        RequestBurst = Limits.RequestBurst * EverybodyFactor,
    };

    /// <summary>Connections at once from one address.</summary>
    internal int ConnectionsOfAddress => MaxConnectionsPerAddress ?? Math.Max(MaxConnections / AddressDivisor, Limits.MaxConnections);

    /// <summary>The source of the data; <see langword="null"/> if upstream may report it.</summary>
    internal DataSource? KnownSource => Source == DataSource.Service ? null : Source;

    /// <summary>The keys that the dashboard shows to users without a list of their own.</summary>
    internal IReadOnlyList<GatewayKey> KeysToShow =>
        DashboardKeys
        ?? (Keep.Any(key => !key.Feed.IsNotice)
            ? [.. Keep.Where(key => !key.Feed.IsNotice)]
            : [.. s_mainIndices.Select(code => new GatewayKey(IndexTrade.Feed.Schema, code))]);

    /// <summary>The configured HTS IDs. Confidential, except to consumers with the right to order notices.</summary>
    internal IEnumerable<string> HtsIds =>
        Upstream.HtsIds.Concat(Keep.Where(key => key.Feed.IsNotice).Select(key => key.Key)).Distinct(StringComparer.Ordinal);

    /// <summary>The options without secrets.</summary>
    public override string ToString() => $"GatewayOptions {{ Address = {Address}, Port = {Port}, Upstream = {Upstream} }}";

    /// <summary>Validates the options, and returns the address to listen on.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message says what is wrong and what to set.</exception>
    /// <exception cref="KisFeedConfigurationException">
    /// An option of <see cref="GatewaySource.Service"/> or <see cref="Limits"/> is missing or out of range.
    /// </exception>
    internal IPAddress Validate()
    {
        Require(Upstream is not null, nameof(Upstream), "it is null; set the service and the credentials for it");
        Upstream!.Service?.Validate();
        const string PortExpected = "a TCP port, or 0 for a free one";
        RequireValue(Port is >= 0 and <= 65535, Port, PortExpected);
        RequireValue(HealthPort is null or (>= 0 and <= 65535), HealthPort, PortExpected);
        RequireValue(ListenAddress.TryParse(Address, out var address), Address, "an IP address, or localhost");
        RequireValue(ListenAddress.TryParse(HealthAddress, out _), HealthAddress, "an IP address, or localhost");
        Require(TrustedProxies is not null, nameof(TrustedProxies), "it is null; leave it out if there are none");
        Require(
            !ProxyProtocol || TrustedProxies!.Count > 0,
            nameof(ProxyProtocol),
            $"it needs {nameof(TrustedProxies)}; name the proxies whose header is trusted");
        Require(
            Kestrel?.GetSection("Endpoints").Exists() != true,
            nameof(Kestrel),
            $"it has Endpoints, which are not supported; set {nameof(Address)} and {nameof(Port)} instead");
        Require(
            ClientCa is null || CertificateFiles.From(Kestrel) is not null,
            nameof(ClientCa),
            $"it is {ClientCa}, which needs TLS; set Certificates:Default:Path in {nameof(Kestrel)}");
        Require(Limits is not null, nameof(Limits), "it is null; leave it out for the default limits");
        Limits!.Validate();
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "it is null; leave it out to allow none");
        Require(
            Keep.Count <= Upstream.MaxRegistrations,
            nameof(Keep),
            $"it has {Keep.Count} keys, but upstream has room for {Upstream.MaxRegistrations}; remove some");
        Require(OpenSink is null || Recording is not null, nameof(OpenSink), $"it needs {nameof(Recording)}, whose files it stores");
        Require(
            OpenPublisher is null || Recording is not null,
            nameof(OpenPublisher),
            $"it needs {nameof(Recording)}, from which it publishes what it could not publish at once");
        RequireKeys(Keep);
        RequireKeys(DashboardKeys ?? [], nameof(DashboardKeys));
        foreach (var key in DashboardKeys ?? [])
            Require(!key.Feed.IsNotice, nameof(DashboardKeys), $"it has {key}; order notices are shown only on request");
        RequireValue(Enum.IsDefined(Source), Source, $"one of {string.Join(", ", Enum.GetNames<DataSource>())}");
        Require(Instruments is not null, nameof(Instruments), "it is null; leave it out if no instruments are known by name");
        foreach (var instrument in Instruments!)
        {
            Require(
                instrument is { Code.Length: > 0, Name.Length: > 0 },
                nameof(Instruments),
                $"it has {instrument}; an instrument has a code and a name");
        }

        RequirePositive(TokenReloadInterval);
        RequirePositive(CertificateReloadInterval);
        RequirePositive(RegisterTimeout);
        RequirePositive(AuthenticationTimeout);
        RequirePositive(StreamHeartbeat);
        RequireValue(RequestTimeout > s_minRequestTimeout, RequestTimeout, $"more than {s_minRequestTimeout}");
        RequireValue(
            HeartbeatInterval > TimeSpan.Zero || HeartbeatInterval == Timeout.InfiniteTimeSpan,
            HeartbeatInterval,
            "more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        RequireValue(ReleaseGrace >= TimeSpan.Zero, ReleaseGrace, "zero or more");
        RequireValue(PageGrace >= TimeSpan.Zero, PageGrace, "zero or more");
        RequireValue(MinimumHold >= TimeSpan.Zero, MinimumHold, "zero or more");
        RequireValue(ReplayBufferAge >= TimeSpan.Zero, ReplayBufferAge, "zero or more");
        RequireValue(ReplayBufferBytes >= 0, ReplayBufferBytes, "zero or more");
        RequireValue(MaxRegistrations > 0, MaxRegistrations, "at least 1");
        RequireValue(MaxConnections > 0, MaxConnections, "at least 1");
        RequireValue(MaxConnectionsPerAddress is null or > 0, MaxConnectionsPerAddress, "at least 1, or leave it out");
        RequireQueue(MaxQueueBytes);
        RequireQueue(StreamQueueBytes);
        return address!;
    }

    /// <summary>Checks that a gateway without consumers may listen on the address.</summary>
    /// <exception cref="ArgumentException">Other machines can reach the address, and <see cref="AllowAnonymous"/> is not set.</exception>
    internal void ValidateOpen(IPAddress address)
    {
        Require(AllowAnonymous || TrustedProxies.Count == 0, nameof(TrustedProxies), "it is set without consumers, so anyone who can "
            + "reach the proxies would have access. Create credentials with 'kisfeed gateway token add NAME', "
            + $"or set {nameof(AllowAnonymous)} if anyone may have access");
        Require(
            AllowAnonymous || IPAddress.IsLoopback(address),
            nameof(Address),
            $"it is {Address}, which other machines can reach, and anyone there would have access, also to order notices. "
                + "Create credentials with 'kisfeed gateway token add NAME' "
            + $"({(TokenFile is null ? $"and set {nameof(TokenFile)}" : $"they go to {TokenFile}")}), listen on 127.0.0.1, "
            + $"or set {nameof(AllowAnonymous)} if anyone may have access");
    }

    /// <summary>The additional endpoint of health checks; <see langword="null"/> if there is none.</summary>
    internal IPEndPoint? HealthEndPoint =>
        HealthPort is { } port && ListenAddress.TryParse(HealthAddress, out var address) ? new IPEndPoint(address, port) : null;

    private static void RequireKeys(IEnumerable<GatewayKey> keys, [CallerArgumentExpression(nameof(keys))] string option = "")
    {
        foreach (var key in keys)
        {
            Require(
                KeyFormat.Fits(key.Feed.TrId, key.Key),
                option,
                $"it has {key}, but a key of {key.Feed.TrId} is a {key.Feed.KeyMeaning}, such as {key.Feed.KeyExample}");
        }
    }

    private static void RequirePositive(TimeSpan value, [CallerArgumentExpression(nameof(value))] string option = "") =>
        RequireValue(value > TimeSpan.Zero, value, "more than zero", option);

    private static void RequireQueue(int value, [CallerArgumentExpression(nameof(value))] string option = "") => RequireValue(
        value is >= MinQueueBytes and <= MaxQueueLimit, value, $"from {MinQueueBytes} to {MaxQueueLimit}", option);

    private static void RequireValue<T>(
        bool condition, T value, string expected, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(condition, option, $"it is {value}; set {expected}");

    private static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} is not valid: {message}", option);
    }
}

/// <summary>What a publisher of a gateway needs.</summary>
/// <param name="Frames">The source of the frames that are published.</param>
/// <param name="Recorder">The recorder of the same client and keys.</param>
/// <param name="MeterFactory">The factory for its meter.</param>
public sealed record FramePublisherContext(IFrameSource Frames, CaptureRecorder Recorder, IMeterFactory MeterFactory);

/// <summary>A key of a feed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key within the feed, in the service's case; for order notices, the HTS ID.</param>
public sealed record GatewayKey(FeedSchema Feed, string Key)
{
    /// <summary>The feed and key; for order notices, only the feed, because the HTS ID is confidential.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}
