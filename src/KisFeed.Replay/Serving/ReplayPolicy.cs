using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Replay;

/// <summary>Serves those whose address says nothing the shared replay, and the others one of their own.</summary>
/// <param name="rules">What is the same for all; its source is the shared replay.</param>
/// <param name="shared">The shared replay.</param>
/// <param name="common">What addresses do not say.</param>
/// <param name="start">Makes a replay.</param>
internal sealed class ReplayPolicy(SessionOptions rules, ReplayFeed shared, ReplaySettings common, Func<ReplaySettings, ReplayFeed> start) : IConnectionPolicy
{
    public bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = null;
        refusal = null;
        var query = context.Request.Query;
        if (!ReplayQuery.TryRead(query, common, out var settings, out var error))
        {
            refusal = new RequestRefusal(StatusCodes.Status400BadRequest, error);
            return false;
        }

        service = query.Keys.All(name => name == ServerEvent.Parameter)
            ? connection => Serve(connection, shared, isOwn: false)
            : connection => Serve(connection, start(settings), isOwn: true);
        return true;
    }

    private ServedConnection Serve(WebSocketConnection connection, ReplayFeed feed, bool isOwn)
    {
        ((IClientConnection)connection).Send(ServerEvents.Of(DataSource.Replay));
        var session = new ProtocolSession(rules with { Source = feed }, connection);
        return new ServedConnection(connection, connection, new ReplaySession(session, connection, feed, isOwn));
    }
}
