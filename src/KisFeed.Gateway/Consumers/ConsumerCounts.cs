namespace KisFeed.Gateway;

/// <summary>Counts what happened to one of those who use the gateway. For any thread.</summary>
internal sealed class ConsumerCounts
{
    private long _delivered;
    private long _dropped;
    private long _slow;

    /// <summary>Frames, or records of the plain HTTP side, queued for it.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Of the plain HTTP side: records that it did not get because it did not keep up. Each is in a gap that it was told of.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Connections of it that were closed because it did not keep up.</summary>
    public long SlowCloses => Volatile.Read(ref _slow);

    public void AddDelivered(long count = 1) => Interlocked.Add(ref _delivered, count);

    public void AddDropped(long count = 1) => Interlocked.Add(ref _dropped, count);

    public void AddSlowClose() => Interlocked.Increment(ref _slow);
}
