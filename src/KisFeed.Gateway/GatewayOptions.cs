using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>How a gateway is set up. Only <see cref="Upstream"/> has to be given.</summary>
public sealed record GatewayOptions
{
    private const int LeastQueue = 64 * 1024;
    private const int MostQueue = 1 << 28;
    private const int EverybodysShare = 20;
    private const int AddressesShare = 4;

    private static readonly ImmutableArray<string> s_mainIndices = ["0001", "1001", "2001"]; // KOSPI, KOSDAQ, KOSPI 200

    private static readonly TimeSpan s_leastRequestTimeout = TimeSpan.FromSeconds(1); // Kestrel looks no more often.

    /// <summary>The service whose feeds are shared, and the app keys for it. It need not be within reach when the gateway starts.</summary>
    public required KisFeedOptions Upstream { get; init; }

    /// <summary>The TCP port for everything. 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The IP address to listen at, or <c>localhost</c>. Default 127.0.0.1. Any other than this machine's own needs consumers in the <see cref="TokenFile"/>, or <see cref="AllowEverybody"/>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// Kestrel's own configuration, as ASP.NET Core has it under <c>Kestrel</c>. With <c>Certificates:Default</c> (<c>Path</c>, <c>KeyPath</c>, <c>Password</c> …) the gateway speaks TLS and nothing
    /// else. <c>Endpoints</c> cannot be set: there is one, <see cref="Address"/> and <see cref="Port"/>. Default none.
    /// </summary>
    public IConfiguration? Kestrel { get; init; }

    /// <summary>How often to check whether the files of the certificate have changed. New connections get the new certificate. Default 5 seconds.</summary>
    public TimeSpan CertificateReloadInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A file with the certificates of the authorities (CA) that issue certificates to clients: PEM, or one in DER. Where it is set, every connection needs such a certificate, before anything else, health pages included. It is
    /// checked for changes as the certificate is. Needs TLS. Revocation lists are not looked at. Default none: clients need no certificate.
    /// </summary>
    public string? ClientCa { get; init; }

    /// <summary>Whether everybody is let in on an address that other machines can reach, order notices included, as long as there are no consumers. Default no.</summary>
    public bool AllowEverybody { get; init; }

    /// <summary>
    /// The file in which <c>kisfeed gateway token</c> keeps who may use the gateway. Only its consumers are let in, and nobody as long as it does not exist or has none. Default none: everybody who can reach the gateway is let in.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether everybody is let in for as long as <see cref="TokenFile"/> does not exist. Default no.</summary>
    public bool OpenUntilTokenFileExists { get; init; }

    /// <summary>How often to look whether <see cref="TokenFile"/> has changed. Default 5 seconds.</summary>
    public TimeSpan TokenReloadInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Origins of web pages that may use the gateway beside those of its own address, as browsers send them: <c>https://charts.example</c>, <c>http://localhost:5173</c>. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What one consumer may use. Where there are no consumers, all together may use 20 times the requests, and as many connections and registrations as the gateway takes.</summary>
    public ConsumerLimits Limits { get; init; } = ConsumerLimits.Default;

    /// <summary>Keys that stay registered whether or not a consumer wants them: to be recorded, and to be there at once. Default none.</summary>
    public IReadOnlyList<GatewayKey> Keep { get; init; } = [];

    /// <summary>Where the data of <see cref="Upstream"/> come from. It changes nothing but what people are told. Default <see cref="DataSource.Service"/>.</summary>
    public DataSource Source { get; init; }

    /// <summary>
    /// The keys that the dashboard shows to who comes without a list of its own. No order notices. Default, where this is <see langword="null"/>: <see cref="Keep"/> without order notices, and where nothing is left of that the
    /// indices 0001, 1001 and 2001.
    /// </summary>
    public IReadOnlyList<GatewayKey>? DashboardKeys { get; init; }

    /// <summary>What is known by name, so that keys can be found by it; in the order in which it is offered. Default nothing.</summary>
    public IReadOnlyList<Instrument> Instruments { get; init; } = [];

    /// <summary>
    /// Where and how everything that comes from upstream is recorded; <see langword="null"/>, the default, for not at all. Order notices only where
    /// <see cref="CaptureRecorderOptions.Notices"/> says so.
    /// </summary>
    public CaptureRecorderOptions? Recording { get; init; }

    /// <summary>How long a key stays registered upstream when nobody wants it any more, so that who comes back at once finds it. Default 30 seconds.</summary>
    public TimeSpan ReleaseGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a key stays registered upstream at least, even if another needs its place: the broker blocks app keys that register and release without receiving. The newcomer waits. Default 10 seconds.
    /// </summary>
    public TimeSpan MinimumHold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a consumer waits for upstream's answer to a registration; then it is taken for granted until there is one. Default 3 seconds.</summary>
    public TimeSpan RegisterTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Registrations that a consumer may have on one connection, all feeds together. Default 41, as the service has it.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>Connections that the gateway takes at once, of all consumers and of those who have not said yet who they are. Never more than the limit of open files less 350, which the process keeps for itself; the log says so. Default 4,000.</summary>
    public int MaxConnections { get; init; } = 4_000;

    /// <summary>
    /// Connections that the gateway takes at once from one IP address, or of version 6 from one network (/64), so that nobody can lock everybody else out. Of this machine's own it takes <see cref="MaxConnections"/>, since
    /// all programs of it share one address; so do those behind a reverse proxy on this machine. Default a quarter of <see cref="MaxConnections"/>, but as many connections as one consumer may have.
    /// </summary>
    public int? MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// Reverse proxies and load balancers in front of the gateway, whose word is taken for the address of a client: by the header <c>X-Forwarded-For</c>, in which the rightmost address counts that is none of theirs, or by
    /// <see cref="ProxyProtocol"/>. The limits by address then go by the client. Default none.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether the <see cref="TrustedProxies"/> begin each connection with a header of the PROXY protocol, version 1 or 2. Default no.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>A second TCP port for health checks and metrics, with connections of its own and without TLS: <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>. 0 takes a free one. Default none.</summary>
    public int? HealthPort { get; init; }

    /// <summary>The IP address of <see cref="HealthPort"/>, or <c>localhost</c>. Default 127.0.0.1.</summary>
    public string HealthAddress { get; init; } = "127.0.0.1";

    /// <summary>
    /// How long a connection may stand before its first request begins, how long a request has to be complete, first its headers and then its body, and how long its answer may wait to be read, unless that is a stream. A little more than one second at least. Default 5 seconds.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection in the broker's protocol has until a request with a good approval key, before it is closed. Default 30 seconds.</summary>
    public TimeSpan IntroductionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes that may wait for a consumer in the broker's protocol; one for whom more waits is closed. Twice as much can be in memory while it is being written.
    /// From 64 KiB to 256 MiB. Default 4 MiB.
    /// </summary>
    public int MaxQueueBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of memory, about, that may wait for one stream of plain HTTP beside the number of records that its client asked for. What becomes of more is the client's choice too. From 64 KiB to 256 MiB.
    /// Default 8 MiB.
    /// </summary>
    public int StreamQueueBytes { get; init; } = 8 << 20;

    /// <summary>A stream of plain HTTP on which nothing else has come for this long says that it still stands. Default 10 seconds.</summary>
    public TimeSpan StreamHeartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far back a stream of plain HTTP can go on where an earlier one ended. Default 60 seconds.</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of memory, about, that what is kept for that may take, over all keys. Default 16 MiB.</summary>
    public int HistoryBytes { get; init; } = 16 << 20;

    /// <summary>The time between heartbeats; <see cref="Timeout.InfiniteTimeSpan"/> for none. A consumer need not answer them. Default 10 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of the consumers' side; upstream has that of <see cref="Upstream"/>. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; neither secrets nor HTS IDs ever are. Default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Makes the gateway's meter, which has the name of the client's (<see cref="KisFeedDiagnostics.MeterName"/>). Default none: a meter is made directly.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The dashboard's files.</summary>
    internal HtmlFiles Html { get; init; } = HtmlFiles.BuiltIn;

    /// <summary>What those who use the gateway may use together where there are no consumers.</summary>
    internal ConsumerLimits LimitsOfEverybody => Limits with
    {
        MaxConnections = MaxConnections,
        MaxRegistrations = int.MaxValue,
        RequestsPerSecond = Limits.RequestsPerSecond * EverybodysShare,
        RequestBurst = Limits.RequestBurst * EverybodysShare,
    };

    /// <summary>Connections at once from one address.</summary>
    internal int ConnectionsOfAddress => MaxConnectionsPerAddress ?? Math.Max(MaxConnections / AddressesShare, Limits.MaxConnections);

    /// <summary>Keys that upstream can have at once, over all app keys.</summary>
    internal int Places => Upstream.MaxRegistrations * (1 + Upstream.AdditionalAppKeys.Count);

    /// <summary>The keys that the dashboard shows to who comes without a list of its own.</summary>
    internal IReadOnlyList<GatewayKey> KeysToShow =>
        DashboardKeys ?? (Keep.Any(key => !key.Feed.IsNotice) ? [.. Keep.Where(key => !key.Feed.IsNotice)] : [.. s_mainIndices.Select(code => new GatewayKey(IndexTrade.Feed.Schema, code))]);

    /// <summary>The HTS IDs that are set up here. Nobody's business but of those who may have order notices.</summary>
    internal IEnumerable<string> HtsIds => new[] { Upstream.HtsId }
        .Concat(Upstream.AdditionalAppKeys.Select(credentials => credentials.HtsId))
        .Concat(Keep.Where(key => key.Feed.IsNotice).Select(key => key.Key))
        .OfType<string>()
        .Distinct(StringComparer.Ordinal);

    /// <summary>The options without secrets.</summary>
    public override string ToString() => $"GatewayOptions {{ Address = {Address}, Port = {Port}, Upstream = {Upstream} }}";

    /// <summary>Says what is wrong with the options and what to set, and gives the address where nothing is.</summary>
    /// <exception cref="ArgumentException">An option has a value that cannot be.</exception>
    /// <exception cref="KisFeedConfigurationException">An option of <see cref="Upstream"/> or <see cref="Limits"/> is missing or out of range.</exception>
    internal IPAddress Validate()
    {
        Require(Upstream is not null, nameof(Upstream), "being null: set the service and the credentials for it");
        Upstream!.Validate();
        Require(Port is >= 0 and <= 65535, nameof(Port), $"being {Port}: set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(Address, out var address), nameof(Address), $"being {Address}: set an IP address, or localhost");
        Require(HealthPort is null or (>= 0 and <= 65535), nameof(HealthPort), $"being {HealthPort}: set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(HealthAddress, out _), nameof(HealthAddress), $"being {HealthAddress}: set an IP address, or localhost");
        Require(TrustedProxies is not null, nameof(TrustedProxies), "being null: leave it out where there are none");
        Require(!ProxyProtocol || TrustedProxies!.Count > 0, nameof(ProxyProtocol), $"being set without {nameof(TrustedProxies)}: name the proxies whose header is to be believed");
        Require(TokenReloadInterval > TimeSpan.Zero, nameof(TokenReloadInterval), $"being {TokenReloadInterval}: set more than zero");
        Require(Kestrel?.GetSection("Endpoints").Exists() != true, nameof(Kestrel), $"having Endpoints: set {nameof(Address)} and {nameof(Port)} instead, of which there is one each");
        Require(ClientCa is null || CertificateFiles.From(Kestrel) is not null, nameof(ClientCa), $"being {ClientCa}: it needs TLS; set Certificates:Default:Path in {nameof(Kestrel)}");
        Require(CertificateReloadInterval > TimeSpan.Zero, nameof(CertificateReloadInterval), $"being {CertificateReloadInterval}: set more than zero");
        Require(Limits is not null, nameof(Limits), "being null: leave it out for the limits that are usual");
        Limits!.Validate();
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "being null: leave it out to allow none");
        Require(Keep.Count <= Places, nameof(Keep), $"having {Keep.Count} keys: there is room for {Places} upstream");
        foreach (var key in Keep)
            Require(KeyFormat.Fits(key.Feed.TrId, key.Key), nameof(Keep), $"having {key}: a key of {key.Feed.TrId} is a {key.Feed.KeyMeaning}, such as {key.Feed.KeyExample}");
        Require(Enum.IsDefined(Source), nameof(Source), $"being {Source}: set one of {string.Join(", ", Enum.GetNames<DataSource>())}");
        foreach (var key in DashboardKeys ?? [])
        {
            Require(!key.Feed.IsNotice, nameof(DashboardKeys), $"having {key}: order notices are shown to nobody who has not asked for them");
            Require(KeyFormat.Fits(key.Feed.TrId, key.Key), nameof(DashboardKeys), $"having {key}: a key of {key.Feed.TrId} is a {key.Feed.KeyMeaning}, such as {key.Feed.KeyExample}");
        }

        Require(Instruments is not null, nameof(Instruments), "being null: leave it out where none are known by name");
        foreach (var instrument in Instruments!)
            Require(instrument is { Code.Length: > 0, Name.Length: > 0 }, nameof(Instruments), $"having {instrument}: an instrument has a code and a name");
        Require(ReleaseGrace >= TimeSpan.Zero, nameof(ReleaseGrace), $"being {ReleaseGrace}: set zero or more");
        Require(MinimumHold >= TimeSpan.Zero, nameof(MinimumHold), $"being {MinimumHold}: set zero or more");
        Require(RegisterTimeout > TimeSpan.Zero, nameof(RegisterTimeout), $"being {RegisterTimeout}: set more than zero");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), $"being {MaxRegistrations}: set at least 1");
        Require(MaxConnections > 0, nameof(MaxConnections), $"being {MaxConnections}: set at least 1");
        Require(MaxConnectionsPerAddress is null or > 0, nameof(MaxConnectionsPerAddress), $"being {MaxConnectionsPerAddress}: set at least 1, or leave it out");
        Require(RequestTimeout > s_leastRequestTimeout, nameof(RequestTimeout), $"being {RequestTimeout}: set more than {s_leastRequestTimeout}");
        Require(IntroductionTimeout > TimeSpan.Zero, nameof(IntroductionTimeout), $"being {IntroductionTimeout}: set more than zero");
        Require(MaxQueueBytes is >= LeastQueue and <= MostQueue, nameof(MaxQueueBytes), $"being {MaxQueueBytes}: set from {LeastQueue} to {MostQueue}");
        Require(StreamQueueBytes is >= LeastQueue and <= MostQueue, nameof(StreamQueueBytes), $"being {StreamQueueBytes}: set from {LeastQueue} to {MostQueue}");
        Require(StreamHeartbeat > TimeSpan.Zero, nameof(StreamHeartbeat), $"being {StreamHeartbeat}: set more than zero");
        Require(HistoryAge >= TimeSpan.Zero, nameof(HistoryAge), $"being {HistoryAge}: set zero or more");
        Require(HistoryBytes >= 0, nameof(HistoryBytes), $"being {HistoryBytes}: set zero or more");
        Require(HeartbeatInterval > TimeSpan.Zero || HeartbeatInterval == Timeout.InfiniteTimeSpan, nameof(HeartbeatInterval), $"being {HeartbeatInterval}: set more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        return address!;
    }

    /// <summary>Says why a gateway that lets everybody in must not listen at the address.</summary>
    /// <exception cref="ArgumentException">Other machines can reach it, and that everybody there is let in has not been asked for.</exception>
    internal void ValidateOpen(IPAddress address)
    {
        Require(AllowEverybody || TrustedProxies.Count == 0, nameof(TrustedProxies), $"being set without consumers: everybody who can reach the proxies would be let in. Make credentials with 'kisfeed gateway token add NAME', or set {nameof(AllowEverybody)} if that is what you want");
        Require(
            AllowEverybody || IPAddress.IsLoopback(address),
            nameof(Address),
            $"being {Address}: other machines can reach it, and everybody there would be let in, to order notices too. Make credentials for those who may with 'kisfeed gateway token add NAME' "
            + $"({(TokenFile is null ? $"and set {nameof(TokenFile)}" : $"they go to {TokenFile}")}), listen at 127.0.0.1, or set {nameof(AllowEverybody)} if that is what you want");
    }

    /// <summary>Where health checks are answered; <see langword="null"/> for nowhere but at the port of everything else.</summary>
    internal IPEndPoint? HealthEndPoint => HealthPort is { } port && ListenAddress.TryParse(HealthAddress, out var address) ? new IPEndPoint(address, port) : null;

    private static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} cannot be used, {message}", option);
    }
}

/// <summary>A key of a feed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key within the feed, its case as the service has it; of order notices the HTS ID.</param>
public sealed record GatewayKey(FeedSchema Feed, string Key)
{
    /// <summary>The key; of order notices without the HTS ID, which is nobody else's business.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}
