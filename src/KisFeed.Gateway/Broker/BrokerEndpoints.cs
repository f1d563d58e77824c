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

/// <summary>
/// The endpoints that consumers reach in the broker's protocol. Every connection is served all feeds, whichever feed its URL names; rights
/// are checked for each registration.
/// </summary>
internal sealed class BrokerEndpoints : IConnectionPolicy
{
    private const string SnapshotParameter = "snapshot";

    private static readonly RequestRefusal s_badSnapshot = new(
        StatusCodes.Status400BadRequest, "snapshot must be 1, to send the last record of each key first, or 0");

    private readonly BrokerContext _broker;
    private readonly SessionOptions _sessions;
    private readonly BrowserRequestGate _gate;

    public BrokerEndpoints(FeedCatalog catalog, BrokerContext broker, ConnectionSet connections, ServerCounters counters)
    {
        var options = broker.Options;
        _broker = broker;
        _sessions = new SessionOptions
        {
            Catalog = catalog,
            Credentials = new BrokerCredentialRules(broker.Access),
            ApprovalKeys = broker.ApprovalKeys,
            Counters = counters,
            MaxRegistrations = options.MaxRegistrations,
            UsesKeyPerRegistration = options.AesPerRegistration,
            HeartbeatInterval = options.HeartbeatInterval,
            AppKeyInUseReason = "this consumer has reached its limit of connections",
            TimeProvider = options.TimeProvider,
            Logger = broker.Logger,
        };
        _gate = new BrowserRequestGate(
            broker.Access.Origins, "gateway", checksHost: false, () => broker.Access.Refusals.Add(AccessRefusalReason.Origin));
        var limits = new ConnectionLimits
        {
            OutboundBytes = options.MaxQueueBytes,
            MessageBytes = options.Limits.MaxMessageBytes,
            Frames = options.Limits.Frames,
            DetectsDeadPeers = true,
        };
        OAuth = new OAuthEndpoints(_sessions) { Gate = _gate };
        WebSocket = new WebSocketEndpoint(_sessions, this, connections, limits)
        {
            Revision = LayoutRevision.Parse(options.Revision, catalog, nameof(GatewayOptions.Revision)),
        };
    }

    public OAuthEndpoints OAuth { get; }

    public WebSocketEndpoint WebSocket { get; }

    public bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        var snapshot = context.Request.Query[SnapshotParameter].ToString();
        var admission = context.Features.Get<IConnectionAdmission>();
        var address = context.Connection.RemoteIpAddress;
        service = connection => Serve(connection, admission, address, isSnapshotWanted: snapshot == "1");
        refusal = _gate.Check(context) ?? CheckSnapshot(snapshot);
        return refusal is null;
    }

    private RequestRefusal? CheckSnapshot(string value)
    {
        if (value is "" or "0" or "1")
            return null;
        _broker.Access.Refusals.Add(AccessRefusalReason.Malformed);
        return s_badSnapshot;
    }

    private LimitedSession Serve(WebSocketConnection connection, IConnectionAdmission? admission, IPAddress? address, bool isSnapshotWanted)
    {
        var seen = new ConsumerConnection(connection);
        _broker.Dispatcher.SendSource(seen);
        var consumer = new ConsumerSession(seen, admission, address, _broker, isSnapshotWanted);
        return new LimitedSession(new ProtocolSession(_sessions, consumer, consumer, seen), seen, _broker);
    }
}

/// <summary>What all connections in the broker's protocol share.</summary>
internal sealed record BrokerContext(
    GatewayOptions Options,
    AccessControl Access,
    ApprovalKeys ApprovalKeys,
    BrokerCounters Counters,
    FeedHub Hub,
    BrokerDispatcher Dispatcher,
    Snapshots Snapshots,
    ILogger Logger)
{
    /// <summary>Limits the log lines about clients that send too much.</summary>
    public LogSampler FloodLog { get; } = new(Options.TimeProvider);
}
