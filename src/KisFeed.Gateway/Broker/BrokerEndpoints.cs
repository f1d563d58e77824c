using KisFeed.Server;
using KisFeed.Wire;

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
