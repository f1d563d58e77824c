namespace KisFeed.Server.Protocol;

/// <summary>Counters of a server's sessions. Thread-safe.</summary>
internal sealed class ServerCounters
{
    private int _sessions;
    private int _registrations;
    private long _frames;
    private long _records;
    private long _connections;
    private long _approvalKeys;

    /// <summary>Open sessions.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Current registrations of all sessions.</summary>
    public int Registrations => Volatile.Read(ref _registrations);

    /// <summary>Data frames queued for clients.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Records in those frames.</summary>
    public long Records => Volatile.Read(ref _records);

    /// <summary>Completed WebSocket handshakes.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>Approval keys issued.</summary>
    public long ApprovalKeys => Volatile.Read(ref _approvalKeys);

    public void ConnectionAccepted() => Interlocked.Increment(ref _connections);

    public void ApprovalKeyIssued() => Interlocked.Increment(ref _approvalKeys);

    public void SessionOpened() => Interlocked.Increment(ref _sessions);

    public void SessionClosed() => Interlocked.Decrement(ref _sessions);

    public void RegistrationsChanged(int difference) => Interlocked.Add(ref _registrations, difference);

    public void FrameSent(int records) => FramesSent(1, records);

    public void FramesSent(int frames, int records)
    {
        Interlocked.Add(ref _frames, frames);
        Interlocked.Add(ref _records, records);
    }
}
