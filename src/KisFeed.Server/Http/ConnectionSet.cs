namespace KisFeed.Server;

/// <summary>The connections of a server, so that they can be told of, broken off, and closed when it stops. For any thread.</summary>
internal sealed class ConnectionSet
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, ServedConnection> _connections = [];
    private bool _isClosed;

    /// <summary>Adds a connection; <see langword="false"/> once the server stops.</summary>
    public bool TryAdd(ServedConnection connection)
    {
        lock (_gate)
            return !_isClosed && _connections.TryAdd(connection.Id, connection);
    }

    public void Remove(ServedConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection.Id);
    }

    /// <summary>All of them, or the one of this number where there is such a one.</summary>
    public IReadOnlyList<ServedConnection> Find(long? id = null)
    {
        lock (_gate)
        {
            if (id is { } wanted)
                return _connections.TryGetValue(wanted, out var connection) ? [connection] : [];
            return [.. _connections.Values];
        }
    }

    /// <summary>Sends all of them a close frame with this reason behind what is queued for them, and takes no more.</summary>
    public void CloseAll(string reason, TimeSpan? patience)
    {
        lock (_gate)
            _isClosed = true;
        foreach (var connection in Find())
            connection.Stop(reason, patience);
    }
}
