using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The endpoints that consumers reach in the broker's protocol.</summary>
internal sealed class BrokerEndpoints
{
    private readonly GatewayOptions _options;
    private readonly FeedCatalog _catalog;
    private readonly BrokerContext _desk;
    private readonly ServerCounters _counters;
    private readonly BrokerCredentialRules _credentials;

    /// <summary>Makes them.</summary>
    /// <param name="options">How the gateway is set up.</param>
    /// <param name="catalog">The feeds.</param>
    /// <param name="desk">What the connections share.</param>
    /// <param name="connections">Where the connections are found.</param>
    /// <param name="counters">Counts what they do.</param>
    public BrokerEndpoints(GatewayOptions options, FeedCatalog catalog, BrokerContext desk, ConnectionSet connections, ServerCounters counters)
    {
        _options = options;
        _catalog = catalog;
        _desk = desk;
        _counters = counters;
        _credentials = new BrokerCredentialRules(desk.AccessControl);
        var gate = new BrowserRequestGate(desk.AccessControl.Origins, "gateway", checksHost: false, () => desk.AccessControl.Refusals.Add(RefusalReason.Origin));
        OAuth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = _credentials,
            ApprovalKeys = desk.ApprovalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = desk.Logger,
            Gate = gate,
        });
        WebSocket = new WebSocketEndpoint(new BrokerPolicy(gate, desk, RulesFor), connections, counters, desk.Logger, new ConnectionLimits
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
        ApprovalKeys = _desk.ApprovalKeys,
        Gate = gate,
        Counters = _counters,
        MaxRegistrations = _options.MaxRegistrations,
        HeartbeatInterval = _options.HeartbeatInterval,
        AppKeyInUseReason = "this consumer has as many connections as it may have",
        TimeProvider = _options.TimeProvider,
        Logger = _desk.Logger,
    };
}
