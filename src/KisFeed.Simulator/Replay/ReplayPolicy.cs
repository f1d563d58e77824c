using System.Diagnostics.CodeAnalysis;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Replay;

/// <summary>Serves the shared replay to connections without a query, and a replay of their own to others.</summary>
/// <param name="options">The session options; their source is the shared replay.</param>
/// <param name="shared">The shared replay.</param>
/// <param name="defaults">The settings for parameters that a query does not set.</param>
/// <param name="start">Starts a replay.</param>
internal sealed class ReplayPolicy(
    SessionOptions options, ReplayFeed shared, ReplaySettings defaults, Func<ReplaySettings, ReplayFeed> start)
    : IConnectionPolicy
{
    public bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = null;
        refusal = null;
        var query = context.Request.Query;
        if (!ReplayQuery.TryRead(query, defaults, out var settings, out var error))
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
        ((IClientConnection)connection).Send(ServerEvents.Of(DataSource.Replay, day: null));
        var session = new ProtocolSession(options with { Source = feed }, connection);
        return new ServedConnection(connection, connection, new ReplaySession(session, connection, feed, isOwn));
    }
}

/// <summary>A session that notifies its replay when its connection has ended, and ends the replay if the connection owns it.</summary>
internal sealed class ReplaySession(ProtocolSession session, IClientConnection connection, ReplayFeed feed, bool ownsFeed) : IClientSession
{
    public int RegistrationCount => session.RegistrationCount;

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text) => session.HandleTextAsync(text);

    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => session.TryHandleAtOnce(text);

    public void HandlePing(ReadOnlySpan<byte> payload) => session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => session.HandlePong(payload);

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync().ConfigureAwait(false);
        await feed.LeaveAsync(connection).ConfigureAwait(false);
        if (ownsFeed)
            await feed.DisposeAsync().ConfigureAwait(false);
    }
}
