using System.Diagnostics.CodeAnalysis;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Replay;

/// <summary>Serves the shared replay to connections without a query, and a replay of their own to others.</summary>
/// <param name="sessions">The options of the sessions.</param>
/// <param name="shared">The shared replay.</param>
/// <param name="defaults">The options for parameters that a query does not set.</param>
/// <param name="start">Starts a replay for one connection.</param>
internal sealed class ReplayPolicy(SessionOptions sessions, ReplayFeed shared, ReplayOptions defaults, Func<ReplayOptions, ReplayFeed> start)
    : IConnectionPolicy
{
    private readonly AppKeyGate _gate = new(sessions.ApprovalKeys, sessions.TimeProvider);

    public bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = null;
        refusal = null;
        var query = context.Request.Query;
        if (!ReplayQuery.TryRead(query, defaults, out var options, out var error))
        {
            refusal = new RequestRefusal(StatusCodes.Status400BadRequest, error);
            return false;
        }

        service = query.Keys.All(name => name == ServerEvent.Parameter)
            ? connection => Serve(connection, shared)
            : connection => Serve(connection, start(options));
        return true;
    }

    private ProtocolSession Serve(WebSocketConnection connection, ReplayFeed feed)
    {
        connection.Send(ServerEvents.Of(DataSource.Replay, day: null));
        return new ProtocolSession(sessions, feed, _gate, connection);
    }
}
