namespace KisFeed.Simulator.Server;

/// <summary>Counts what the sessions of a server do. For any thread.</summary>
internal sealed class ServerCounters
{
    private int _sessions;
    private int _registrations;
    private long _frames;
    private long _records;
    private long _connections;
    private long _approvalKeys;

    public void ConnectionAccepted() => Interlocked.Increment(ref _connections);

    public void ApprovalKeyIssued() => Interlocked.Increment(ref _approvalKeys);

    public void SessionOpened() => Interlocked.Increment(ref _sessions);

    public void SessionClosed() => Interlocked.Decrement(ref _sessions);

    public void RegistrationsChanged(int difference) => Interlocked.Add(ref _registrations, difference);

    public void FrameSent(int records)
    {
        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _records, records);
    }

    public SimulatorStatistics Snapshot() => new(
        Volatile.Read(ref _sessions),
        Volatile.Read(ref _registrations),
        Volatile.Read(ref _frames),
        Volatile.Read(ref _records),
        Volatile.Read(ref _connections),
        Volatile.Read(ref _approvalKeys));
}
