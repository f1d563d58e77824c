using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
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
        var gate = new BrowserRequestGate(
            broker.AccessControl.Origins,
            "gateway",
            checksHost: false,
            () => broker.AccessControl.Refusals.Add(AccessRefusalReason.Origin));
        OAuth = new OAuthEndpoints(new OAuthOptions
        {
            Credentials = _credentials,
            ApprovalKeys = broker.ApprovalKeys,
            Counters = counters,
            TimeProvider = options.TimeProvider,
            Logger = broker.Logger,
            Gate = gate,
        });
        WebSocket =
            new WebSocketEndpoint(
                catalog, new BrokerPolicy(gate, broker, CreateOptions), connections, counters, broker.Logger, new ConnectionLimits
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
