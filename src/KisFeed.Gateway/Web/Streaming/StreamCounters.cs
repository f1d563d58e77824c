namespace KisFeed.Gateway;

/// <summary>Counts what happens to the streams of plain HTTP, over all of them. For any thread.</summary>
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

    /// <summary>Streams that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Streams so far.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Records and events handed to streams.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Records that streams did not get because they were not read fast enough. Each is in a gap that the stream was told of.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Streams ended because they were not read fast enough.</summary>
    public long SlowCloses => Volatile.Read(ref _slow);

    /// <summary>Streams ended because their clients sent more control frames or fragments than they may, or a message that did not end.</summary>
    public long Floods => Volatile.Read(ref _floods);

    /// <summary>Keys that streams lost because upstream took them back.</summary>
    public long KeysLost => Volatile.Read(ref _lost);

    /// <summary>Streams that went on with at least one key where an earlier one had ended, with nothing missing.</summary>
    public long Resumed => Volatile.Read(ref _resumed);

    /// <summary>Streams that could not go on where an earlier one had ended without a gap.</summary>
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
