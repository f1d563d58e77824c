using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Serves those who connect what comes from upstream, whichever feed the address names. Who may have what is asked when it is asked for.</summary>
/// <param name="gate">Looks at a request before the handshake.</param>
/// <param name="desk">What the connections share.</param>
/// <param name="rulesOf">What a session is held to, by where its frames come from and who lets it begin.</param>
internal sealed class BrokerPolicy(IRequestGate gate, BrokerDesk desk, Func<IFeedSource, ISessionGate, SessionRules> rulesOf) : IConnectionPolicy
{
    private const int LongestTrId = 16;

    private static readonly RequestRefusal s_noFeed = new(StatusCodes.Status404NotFound, "behind /tryitout/ stands nothing, or a TR ID such as H0UPCNT0");

    public bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = Serve;
        refusal = gate.Check(context) ?? CheckPath(context);
        return refusal is null;
    }

    private RequestRefusal? CheckPath(HttpContext context)
    {
        if (context.Request.RouteValues["trId"] is not string trId || (trId.Length <= LongestTrId && trId.All(char.IsAsciiLetterOrDigit)))
            return null;
        desk.Admission.Refusals.Add(RefusalReason.Malformed);
        return s_noFeed;
    }

    private ServedConnection Serve(WebSocketConnection connection)
    {
        var seen = new ConsumerConnection(connection);
        var presence = new ConsumerPresence(seen, desk);
        var rules = rulesOf(new ConsumerSource(seen, presence, desk), presence);
        return new ServedConnection(connection, seen, new LimitedSession(new ProtocolSession(rules, seen), seen, desk));
    }
}
