namespace KisFeed.Gateway.Dispatching;

/// <summary>Counters over all streams. Thread-safe.</summary>
internal sealed class StreamCounters
{
    private int _open;
    private long _opened;
    private long _sent;
    private long _dropped;
    private long _slow;
    private long _floods;
    private long _lost;
    private long _resumed;
    private long _resumedInPart;

    /// <summary>Open streams.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Streams opened since the start.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Records and events sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Records dropped for slow streams. Each is counted in a gap of its stream.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Streams ended because they were slow.</summary>
    public long SlowCloses => Volatile.Read(ref _slow);

    /// <summary>Streams ended because their clients sent too many control frames or fragments, or an unfinished message.</summary>
    public long Floods => Volatile.Read(ref _floods);

    /// <summary>Keys that streams lost because upstream ended them.</summary>
    public long KeysLost => Volatile.Read(ref _lost);

    /// <summary>Streams with keys that resumed an earlier stream without a loss.</summary>
    public long Resumed => Volatile.Read(ref _resumed);

    /// <summary>Streams with keys that resumed an earlier stream with a gap.</summary>
    public long ResumedInPart => Volatile.Read(ref _resumedInPart);

    public void AddOpened()
    {
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _opened);
    }

    public void AddEnded() => Interlocked.Decrement(ref _open);

    public void AddSent(long items) => Interlocked.Add(ref _sent, items);

    public void AddDropped(long records) => Interlocked.Add(ref _dropped, records);

    public void AddSlowClose() => Interlocked.Increment(ref _slow);

    public void AddFlood() => Interlocked.Increment(ref _floods);

    public void AddKeyLost() => Interlocked.Increment(ref _lost);

    public void AddResumed(bool isComplete)
    {
        if (isComplete)
            Interlocked.Increment(ref _resumed);
        else
            Interlocked.Increment(ref _resumedInPart);
    }
}
