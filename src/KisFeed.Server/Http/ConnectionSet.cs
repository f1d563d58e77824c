using System.Diagnostics.CodeAnalysis;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Http;

/// <summary>
/// The open connections of a server, for status pages, for cutting them, and for closing them when the server stops. Thread-safe.
/// </summary>
internal sealed class ConnectionSet
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, WebSocketConnection> _connections = [];
    private bool _isClosed;

    /// <summary>Adds a connection. Returns <see langword="false"/> when the server is stopping.</summary>
    public bool TryAdd(WebSocketConnection connection)
    {
        lock (_gate)
            return !_isClosed && _connections.TryAdd(connection.Id, connection);
    }

    public void Remove(WebSocketConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection.Id);
    }

    /// <summary>All connections, or the one with this number if it exists.</summary>
    public IReadOnlyList<WebSocketConnection> Find(long? id = null)
    {
        lock (_gate)
        {
            if (id is { } wanted)
                return _connections.TryGetValue(wanted, out var connection) ? [connection] : [];
            return [.. _connections.Values];
        }
    }

    /// <summary>Sends every connection a close frame with this reason after its queued messages, and accepts no more connections.</summary>
    public void CloseAll(string reason, TimeSpan? timeout)
    {
        lock (_gate)
            _isClosed = true;
        foreach (var connection in Find())
            connection.Stop(reason, timeout);
    }
}

/// <summary>Decides what each connection is served: its data and its session. Thread-safe.</summary>
internal interface IConnectionPolicy
{
    /// <summary>Checks a connection request before the handshake.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">Creates the session of the connection; called once if the handshake succeeds.</param>
    /// <param name="refusal">The response if the request is refused.</param>
    bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal);
}

/// <summary>Creates the session of a connection after its handshake; <see langword="null"/> closes the connection immediately.</summary>
internal delegate IClientSession? ConnectionService(WebSocketConnection connection);
