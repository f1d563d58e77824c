using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Broker;

/// <summary>Serves all feeds on every connection, whichever feed the URL names. Rights are checked for each registration.</summary>
internal sealed class BrokerPolicy(IRequestGate gate, BrokerContext broker, SessionOptions options) : IConnectionPolicy
{
    private const string SnapshotParameter = "snapshot";

    private static readonly RequestRefusal s_badSnapshot = new(
        StatusCodes.Status400BadRequest, "snapshot must be 1, to send the last record of each key first, or 0");

    public bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
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

    private LimitedSession Serve(WebSocketConnection connection, IConnectionPlace? place, IPAddress? address, bool isSnapshotWanted)
    {
        var consumerConnection = new ConsumerConnection(connection);
        broker.Dispatcher.SendSource(consumerConnection);
        var consumerSession = new ConsumerSession(consumerConnection, place, address, broker);
        var source = new ConsumerSource(consumerConnection, consumerSession, broker, isSnapshotWanted);
        var session = new ProtocolSession(options, source, consumerSession, consumerConnection);
        return new LimitedSession(session, consumerConnection, broker);
    }
}
