using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Serves everybody who connects what comes from upstream, whatever the address says. Who may have what is asked when it is asked for.</summary>
internal sealed class BrokerPolicy(SessionRules rules) : IConnectionPolicy
{
    public bool TryAdmit(IQueryCollection query, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out string? error)
    {
        service = Serve;
        error = null;
        return true;
    }

    private ServedConnection Serve(WebSocketConnection connection) =>
        new(connection, connection, new ProtocolSession(rules, connection));
}
