using System.Net;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>The options that a simulator and a replay have in common.</summary>
public abstract record BrokerServerOptions
{
    private protected BrokerServerOptions()
    {
    }

    /// <summary>The TCP port of both REST and WebSocket. Default: 0, which chooses a free port.</summary>
    public int Port { get; init; }

    /// <summary>The IP address to listen on, or <c>localhost</c>. Default: 127.0.0.1, because the connection is not encrypted.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// The origins of web pages that may use the server, in addition to its own, in the form that browsers send:
    /// <c>https://charts.example</c>. Requests may also address the server by the host names of these origins, in addition to IP
    /// addresses and <c>localhost</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The only app key that is valid. Default: any of plausible form, 6 to 64 letters, digits, hyphens and underscores.</summary>
    public string? AppKey { get; init; }

    /// <summary>The only app secret that is valid. Default: any of plausible form, 6 to 400 characters of base64.</summary>
    public string? AppSecret { get; init; }

    /// <summary>The maximum number of registrations of a session, over all feeds. Default: 41, the broker's limit.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>
    /// The form of the records in the broker's protocol: <c>2025</c> or <c>2024</c> for the columns of that year, the number of columns
    /// of each feed, e.g. <c>H0STCNT0=46,H0STASP0=59</c>, and <c>single</c> to send each record in a frame of its own; several are
    /// separated by commas. A client's address may name another: <c>ws://127.0.0.1:21000/revision/2025,single</c>. Default: as the broker
    /// sends them.
    /// </summary>
    public string? Revision { get; init; }

    /// <summary>
    /// Whether each registration of an order notice has an AES key and IV of its own. Which of the two the broker does is unknown.
    /// Default: no, one pair for each session, which serves clients that keep one pair as well as those that keep one for each
    /// registration.
    /// </summary>
    public bool AesPerRegistration { get; init; }

    /// <summary>
    /// The time between heartbeats; in a simulator from the answer to a heartbeat until the next one, if it requires answers.
    /// <see cref="Timeout.InfiniteTimeSpan"/> disables heartbeats. Default: 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the source of the data waits for a client that does not read before the connection is cut. Meanwhile no client of the
    /// same market or clock gets data, and nothing is dropped. Default: 10 seconds.
    /// </summary>
    public TimeSpan SlowClientLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock. Default: the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The logger factory. Secrets and HTS IDs are never logged. Default: no logging.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Validates the common options and returns the listen address.</summary>
    /// <exception cref="ArgumentException">An option is not valid. The message says what to set.</exception>
    private protected IPAddress ValidateCommon()
    {
        Require(Port is >= 0 and <= 65535, nameof(Port), $"it is {Port}; set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(Address, out var address), nameof(Address), $"it is {Address}; set an IP address, or localhost");
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "it is null; leave it out to allow none");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), $"it is {MaxRegistrations}; set at least 1");
        Require(
            IsInterval(HeartbeatInterval),
            nameof(HeartbeatInterval),
            $"it is {HeartbeatInterval}; set more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        Require(SlowClientLimit > TimeSpan.Zero, nameof(SlowClientLimit), $"it is {SlowClientLimit}; set more than zero");
        return address!;
    }

    internal SessionOptions SessionOptionsFor(FeedCatalog catalog, ILogger logger, string? htsId = null) => new()
    {
        Catalog = catalog,
        Credentials = new CredentialRules(AppKey, AppSecret, htsId),
        ApprovalKeys = new ApprovalKeys(TimeProvider),
        Counters = new ServerCounters(),
        MaxRegistrations = MaxRegistrations,
        UsesKeyPerRegistration = AesPerRegistration,
        HeartbeatInterval = HeartbeatInterval,
        TimeProvider = TimeProvider,
        Logger = logger,
    };

    internal ServerHostOptions HostOptionsFor(IPAddress address, string name) => new()
    {
        EndPoint = new IPEndPoint(address, Port),
        Loggers = LoggerFactory,
        Gate = new BrowserRequestGate(new OriginRules(AllowedOrigins), name),
    };

    private protected static bool IsInterval(TimeSpan time) => time > TimeSpan.Zero || time == Timeout.InfiniteTimeSpan;

    private protected static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} is not valid: {message}", option);
    }
}
