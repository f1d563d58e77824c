using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

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
