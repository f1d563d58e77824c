using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Broker;

/// <summary>The endpoints that consumers reach in the broker's protocol.</summary>
internal sealed class BrokerEndpoints
{
    private readonly FeedCatalog _catalog;
    private readonly BrokerContext _broker;
    private readonly ServerCounters _counters;
    private readonly BrokerCredentialRules _credentials;

    public BrokerEndpoints(FeedCatalog catalog, BrokerContext broker, ConnectionSet connections, ServerCounters counters)
    {
        var options = broker.Options;
        _catalog = catalog;
        _broker = broker;
        _counters = counters;
        _credentials = new BrokerCredentialRules(broker.AccessControl);
        var gate = new BrowserRequestGate(broker.AccessControl.Origins, "gateway", checksHost: false, () => broker.AccessControl.Refusals.Add(AccessRefusalReason.Origin));
        OAuth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = _credentials,
            ApprovalKeys = broker.ApprovalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = broker.Logger,
            Gate = gate,
        });
        WebSocket = new WebSocketEndpoint(catalog, new BrokerPolicy(gate, broker, CreateOptions), connections, counters, broker.Logger, new ConnectionLimits
        {
            OutboundBytes = options.MaxQueueBytes,
            MessageBytes = options.Limits.MaxMessageBytes,
            Frames = options.Limits.Frames,
            DetectsDeadPeers = true,
        })
        {
            Revision = LayoutRevision.Parse(options.Revision, catalog, nameof(GatewayOptions.Revision)),
        };
    }

    /// <summary>The REST endpoints.</summary>
    public OAuthEndpoints OAuth { get; }

    /// <summary>The WebSocket endpoint.</summary>
    public WebSocketEndpoint WebSocket { get; }

    private SessionOptions CreateOptions(IFeedSource source, ISessionGate gate) => new()
    {
        Catalog = _catalog,
        Source = source,
        Credentials = _credentials,
        ApprovalKeys = _broker.ApprovalKeys,
        Gate = gate,
        Counters = _counters,
        MaxRegistrations = _broker.Options.MaxRegistrations,
        UsesKeyPerRegistration = _broker.Options.AesPerRegistration,
        HeartbeatInterval = _broker.Options.HeartbeatInterval,
        AppKeyInUseReason = "this consumer has reached its limit of connections",
        TimeProvider = _broker.Options.TimeProvider,
        Logger = _broker.Logger,
    };
}

/// <summary>The state that all connections in the broker's protocol share.</summary>
internal sealed record BrokerContext
{
    public required GatewayOptions Options { get; init; }

    public required AccessControl AccessControl { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required BrokerCounters Counters { get; init; }

    public required FeedHub Hub { get; init; }

    public required BrokerDispatcher Dispatcher { get; init; }

    public required Snapshots Snapshots { get; init; }

    /// <summary>Limits the log lines about clients that send too much.</summary>
    public required LogSampler FloodLog { get; init; }

    public required ILogger Logger { get; init; }
}

/// <summary>Serves all feeds on every connection, whichever feed the URL names. Rights are checked for each registration.</summary>
internal sealed class BrokerPolicy(IRequestGate gate, BrokerContext broker, Func<IFeedSource, ISessionGate, SessionOptions> createOptions) : IConnectionPolicy
{
    private const string SnapshotParameter = "snapshot";

    private static readonly RequestRefusal s_badSnapshot = new(StatusCodes.Status400BadRequest, "snapshot must be 1, to send the last record of each key first, or 0");

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
        broker.AccessControl.Refusals.Add(AccessRefusalReason.Malformed);
        return s_badSnapshot;
    }

    private ServedConnection Serve(WebSocketConnection connection, IConnectionPlace? place, IPAddress? address, bool isSnapshotWanted)
    {
        var consumerConnection = new ConsumerConnection(connection);
        broker.Dispatcher.SendSource(consumerConnection);
        var consumerSession = new ConsumerSession(consumerConnection, place, address, broker);
        var options = createOptions(new ConsumerSource(consumerConnection, consumerSession, broker, isSnapshotWanted), consumerSession);
        return new ServedConnection(connection, consumerConnection, new LimitedSession(new ProtocolSession(options, consumerConnection), consumerConnection, broker));
    }
}

/// <summary>
/// Checks credentials for the REST endpoints. Approval keys are issued to accounts. A wrong app key and a wrong secret get the same response, so that
/// clients cannot find out which app keys exist. Malformed credentials are refused even if everybody is admitted, because the user has mixed
/// something up. Only upstream knows which HTS IDs exist.
/// </summary>
internal sealed class BrokerCredentialRules(AccessControl access) : ICredentialRules
{
    private readonly CredentialRules _format = new(appKey: null, appSecret: null, htsId: null);

    public OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner)
    {
        owner = "";
        if (appSecret is null)
            return OAuthError.AppSecretMissing;
        if (access.Authenticate(appKey, appSecret, from, out var reason) is not { } account)
        {
            access.Refusals.Add(reason);
            return reason == AccessRefusalReason.TooManyFailures ? OAuthError.TooManyRequests : OAuthError.InvalidAppKey;
        }

        if (!account.Usage.TryRequest())
            return OAuthError.TooManyRequests;
        owner = account.Id;
        return account.Consumer is null ? _format.Check(appKey, appSecret, from, out _) : null;
    }

    public bool AcceptsHtsId(string candidate) => true;
}
