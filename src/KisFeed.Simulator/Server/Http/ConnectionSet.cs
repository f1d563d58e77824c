using System.Net.WebSockets;

namespace KisFeed.Simulator.Server;

/// <summary>The connections of a server, so that they can be closed when it stops. For any thread.</summary>
internal sealed class ConnectionSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<WebSocketConnection> _connections = [];
    private bool _isClosed;

    /// <summary>Adds a connection; <see langword="false"/> once the server stops.</summary>
    public bool TryAdd(WebSocketConnection connection)
    {
        lock (_gate)
            return !_isClosed && _connections.Add(connection);
    }

    public void Remove(WebSocketConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    /// <summary>Sends all of them a close frame, and takes no more.</summary>
    public void CloseAll()
    {
        WebSocketConnection[] connections;
        lock (_gate)
        {
            _isClosed = true;
            connections = [.. _connections];
        }

        foreach (var connection in connections)
            connection.Close(WebSocketCloseStatus.EndpointUnavailable, "the simulator stops");
    }
}
