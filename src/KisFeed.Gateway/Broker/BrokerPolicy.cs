using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Serves those who connect what comes from upstream, whatever the address says. Who may have what is asked when it is asked for.</summary>
/// <param name="desk">What the connections share.</param>
/// <param name="rulesOf">What a session is held to, by where its frames come from and who lets it begin.</param>
internal sealed class BrokerPolicy(BrokerDesk desk, Func<IFeedSource, ISessionGate, SessionRules> rulesOf) : IConnectionPolicy
{
    public bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = Serve;
        refusal = null;
        return true;
    }

    private ServedConnection Serve(WebSocketConnection connection)
    {
        var seen = new ConsumerConnection(connection);
        var presence = new ConsumerPresence(seen, desk);
        var rules = rulesOf(new ConsumerSource(seen, presence, desk), presence);
        return new ServedConnection(connection, seen, new ProtocolSession(rules, seen));
    }
}
