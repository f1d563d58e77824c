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
    public BrokerEndpoints(FeedCatalog catalog, BrokerContext broker, ConnectionSet connections, ServerCounters counters)
    {
        var options = broker.Options;
        var sessions = new SessionOptions
        {
            Catalog = catalog,
            Credentials = new BrokerCredentialRules(broker.AccessControl),
            ApprovalKeys = broker.ApprovalKeys,
            Counters = counters,
            MaxRegistrations = options.MaxRegistrations,
            UsesKeyPerRegistration = options.AesPerRegistration,
            HeartbeatInterval = options.HeartbeatInterval,
            AppKeyInUseReason = "this consumer has reached its limit of connections",
            TimeProvider = options.TimeProvider,
            Logger = broker.Logger,
        };
        var gate = new BrowserRequestGate(
            broker.AccessControl.Origins,
            "gateway",
            checksHost: false,
            () => broker.AccessControl.Refusals.Add(AccessRefusalReason.Origin));
        var limits = new ConnectionLimits
        {
            OutboundBytes = options.MaxQueueBytes,
            MessageBytes = options.Limits.MaxMessageBytes,
            Frames = options.Limits.Frames,
            DetectsDeadPeers = true,
        };
        OAuth = new OAuthEndpoints(sessions) { Gate = gate };
        WebSocket = new WebSocketEndpoint(sessions, new BrokerPolicy(gate, broker, sessions), connections, limits)
        {
            Revision = LayoutRevision.Parse(options.Revision, catalog, nameof(GatewayOptions.Revision)),
        };
    }

    /// <summary>The REST endpoints.</summary>
    public OAuthEndpoints OAuth { get; }

    /// <summary>The WebSocket endpoint.</summary>
    public WebSocketEndpoint WebSocket { get; }
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
