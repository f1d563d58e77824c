using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>The endpoints that consumers reach in the broker's protocol.</summary>
internal sealed class BrokerEndpoints
{
    private readonly GatewayOptions _options;
    private readonly FeedCatalog _catalog;
    private readonly BrokerContext _broker;
    private readonly ServerCounters _counters;
    private readonly BrokerCredentialRules _credentials;

    /// <summary>Makes them.</summary>
    /// <param name="options">How the gateway is set up.</param>
    /// <param name="catalog">The feeds.</param>
    /// <param name="broker">What the connections share.</param>
    /// <param name="connections">Where the connections are found.</param>
    /// <param name="counters">Counts what they do.</param>
    public BrokerEndpoints(GatewayOptions options, FeedCatalog catalog, BrokerContext broker, ConnectionSet connections, ServerCounters counters)
    {
        _options = options;
        _catalog = catalog;
        _broker = broker;
        _counters = counters;
        _credentials = new BrokerCredentialRules(broker.AccessControl);
        var gate = new BrowserRequestGate(broker.AccessControl.Origins, "gateway", checksHost: false, () => broker.AccessControl.Refusals.Add(RefusalReason.Origin));
        OAuth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = _credentials,
            ApprovalKeys = broker.ApprovalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = broker.Logger,
            Gate = gate,
        });
        WebSocket = new WebSocketEndpoint(new BrokerPolicy(gate, broker, RulesFor), connections, counters, broker.Logger, new ConnectionLimits
        {
            OutboundBytes = options.MaxQueueBytes,
            MessageBytes = options.Limits.MaxMessageBytes,
            Frames = options.Limits.Frames,
            DetectsDeadPeers = true,
        });
    }

    /// <summary>The REST side.</summary>
    public OAuthEndpoints OAuth { get; }

    /// <summary>The WebSocket side.</summary>
    public WebSocketEndpoint WebSocket { get; }

    private SessionOptions RulesFor(IFeedSource source, ISessionGate gate) => new()
    {
        Catalog = _catalog,
        Source = source,
        Credentials = _credentials,
        ApprovalKeys = _broker.ApprovalKeys,
        Gate = gate,
        Counters = _counters,
        MaxRegistrations = _options.MaxRegistrations,
        HeartbeatInterval = _options.HeartbeatInterval,
        AppKeyInUseReason = "this consumer has as many connections as it may have",
        TimeProvider = _options.TimeProvider,
        Logger = _broker.Logger,
    };
}

/// <summary>What the connections of consumers in the broker's protocol share.</summary>
internal sealed record BrokerContext
{
    public required AccessControl AccessControl { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required BrokerCounters Counters { get; init; }

    public required FeedHub Hub { get; init; }

    public required BrokerDispatcher Side { get; init; }

    public required Snapshots Snapshots { get; init; }

    /// <summary>What one connection may use before it is known whose it is, and never more than that.</summary>
    public required ConsumerLimits Limits { get; init; }

    /// <summary>How long a connection has until a request with a good approval key.</summary>
    public required TimeSpan IntroductionTimeout { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Keeps lines about clients that send too much few.</summary>
    public required LogSampler FloodLog { get; init; }

    public required ILogger Logger { get; init; }
}

/// <summary>Serves those who connect what comes from upstream, whichever feed the address names. Who may have what is asked when it is asked for.</summary>
/// <param name="gate">Looks at a request before the handshake.</param>
/// <param name="broker">What the connections share.</param>
/// <param name="rulesOf">What a session is held to, by where its frames come from and who lets it begin.</param>
internal sealed class BrokerPolicy(IRequestGate gate, BrokerContext broker, Func<IFeedSource, ISessionGate, SessionOptions> rulesOf) : IConnectionPolicy
{
    private const string SnapshotParameter = "snapshot";

    private static readonly RequestRefusal s_noSnapshot = new(StatusCodes.Status400BadRequest, "snapshot is 1, for what came last of each key first, or 0, or left out");

    public bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        var snapshot = context.Request.Query[SnapshotParameter].ToString();
        var place = context.Features.Get<IConnectionPlace>();
        var address = context.Connection.RemoteIpAddress;
        service = connection => Serve(connection, place, address, isSnapshotWanted: snapshot == "1");
        refusal = gate.Check(context) ?? CheckSnapshot(snapshot);
        return refusal is null;
    }

    private RequestRefusal? CheckSnapshot(string value)
    {
        if (value is "" or "0" or "1")
            return null;
        broker.AccessControl.Refusals.Add(RefusalReason.Malformed);
        return s_noSnapshot;
    }

    private ServedConnection Serve(WebSocketConnection connection, IConnectionPlace? place, IPAddress? address, bool isSnapshotWanted)
    {
        var seen = new ConsumerConnection(connection);
        broker.Side.Introduce(seen);
        var consumerSession = new ConsumerSession(seen, place, address, broker);
        var rules = rulesOf(new ConsumerSource(seen, consumerSession, broker, isSnapshotWanted), consumerSession);
        return new ServedConnection(connection, seen, new LimitedSession(new ProtocolSession(rules, seen), seen, broker));
    }
}

/// <summary>
/// The credentials of consumers as the REST side asks for them. Keys are issued to accounts, and one answer stands for a wrong app key and a wrong secret, so that nobody learns which app keys there are.
/// Where everybody is let in, what cannot be credentials is refused all the same, since that is a mix-up its user wants to know of. Which HTS IDs there are is known upstream alone.
/// </summary>
internal sealed class BrokerCredentialRules(AccessControl access) : ICredentialRules
{
    private readonly CredentialRules _form = new(appKey: null, appSecret: null, htsId: null);

    public OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner)
    {
        owner = "";
        if (appSecret is null)
            return OAuthError.AppSecretMissing;
        if (access.Authenticate(appKey, appSecret, from, out var reason) is not { } account)
        {
            access.Refusals.Add(reason);
            return reason == RefusalReason.TooManyFailures ? OAuthError.TooManyRequests : OAuthError.InvalidAppKey;
        }

        if (!account.Usage.TryRequest())
            return OAuthError.TooManyRequests;
        owner = account.Id;
        return account.Consumer is null ? _form.Check(appKey, appSecret, from, out _) : null;
    }

    public bool AcceptsHtsId(string candidate) => true;
}
