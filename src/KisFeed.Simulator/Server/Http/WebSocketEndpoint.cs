using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using KisFeed.Simulator.Market;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Server;

/// <summary>Answers <c>/tryitout</c> and <c>/tryitout/{TR_ID}</c>: whatever the path says, one connection carries every feed.</summary>
internal sealed class WebSocketEndpoint(SessionRules rules, ConnectionSet connections, FaultSwitch faults, int seed)
{
    private readonly ulong _seed = StableHash.Combine(StableHash.Mix(unchecked((ulong)seed)), "faults");
    private long _lastId;

    public async Task HandleAsync(HttpContext context)
    {
        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        rules.Counters.ConnectionAccepted();
        var connection = new WebSocketConnection(Interlocked.Increment(ref _lastId), stream, context.Abort, rules.Logger);
        if (faults.TakeKick())
        {
            await KickAsync(connection).ConfigureAwait(false);
            return;
        }

        var faulty = new FaultyConnection(connection, faults, StableHash.Combine(_seed, connection.Id), rules.Logger);
        var session = new FaultySession(new ProtocolSession(rules, faulty), faulty, faults, rules);
        var served = new ServedConnection(connection, faulty, session);
        if (!connections.TryAdd(served))
        {
            await session.DisposeAsync().ConfigureAwait(false);
            return;
        }

        ServerLog.SessionOpened(rules.Logger, connection.Id, RemoteOf(context));
        try
        {
            await served.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            connections.Remove(served);
            ServerLog.SessionEnded(rules.Logger, connection.Id);
        }
    }

    private async Task KickAsync(WebSocketConnection connection)
    {
        ServerLog.Fault(rules.Logger, connection.Id, "closed at once");
        connection.Close(WebSocketCloseStatus.NormalClosure, "");
        await connection.RunAsync(new KickedSession()).ConfigureAwait(false);
    }

    private static string RemoteOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
        : context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
}
