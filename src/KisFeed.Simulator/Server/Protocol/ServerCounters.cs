namespace KisFeed.Simulator.Server;

/// <summary>Counts what the sessions of a server do. For any thread.</summary>
internal sealed class ServerCounters
{
    private int _sessions;
    private int _registrations;
    private long _frames;
    private long _records;

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
        Volatile.Read(ref _records));
}
