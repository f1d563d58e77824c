using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Server;

/// <summary>Answers <c>/tryitout</c> and <c>/tryitout/{TR_ID}</c>: whatever the path says, one connection carries every feed.</summary>
internal sealed class WebSocketEndpoint(SessionRules rules, ConnectionSet connections)
{
    private long _lastId;

    public async Task HandleAsync(HttpContext context)
    {
        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        var connection = new WebSocketConnection(Interlocked.Increment(ref _lastId), stream, context.Abort, rules.Logger);
        if (!connections.TryAdd(connection))
            return;
        ServerLog.SessionOpened(rules.Logger, connection.Id, RemoteOf(context));
        try
        {
            await connection.RunAsync(new ProtocolSession(rules, connection)).ConfigureAwait(false);
        }
        finally
        {
            connections.Remove(connection);
            ServerLog.SessionEnded(rules.Logger, connection.Id);
        }
    }

    private static string RemoteOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
        : context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
}
