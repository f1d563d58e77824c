namespace KisFeed.Gateway;

/// <summary>Counts what happens to consumers, over all of them. For any thread.</summary>
internal sealed class BrokerCounters
{
    private long _leasesEnded;
    private long _slowConsumers;
    private long _unclaimedFrames;
    private long _rightsLosses;
    private long _floods;

    /// <summary>Connections closed because upstream took back, or refused late, what they were registered for.</summary>
    public long LeasesEnded => Volatile.Read(ref _leasesEnded);

    /// <summary>Connections closed because their clients did not keep up.</summary>
    public long SlowConsumers => Volatile.Read(ref _slowConsumers);

    /// <summary>Frames of which nobody could tell what feed they are of, and so not whom they concern. They were passed on to nobody.</summary>
    public long UnclaimedFrames => Volatile.Read(ref _unclaimedFrames);

    /// <summary>Connections closed because their consumers may no longer have what they had.</summary>
    public long RightsLosses => Volatile.Read(ref _rightsLosses);

    public void RightsLost() => Interlocked.Increment(ref _rightsLosses);

    /// <summary>Connections closed because their clients went on sending more than they may.</summary>
    public long Floods => Volatile.Read(ref _floods);

    public void Flood() => Interlocked.Increment(ref _floods);

    public void LeaseEnded() => Interlocked.Increment(ref _leasesEnded);

    public void SlowConsumer() => Interlocked.Increment(ref _slowConsumers);

    public void UnclaimedFrame() => Interlocked.Increment(ref _unclaimedFrames);
}
