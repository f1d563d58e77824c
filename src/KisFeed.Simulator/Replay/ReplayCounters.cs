namespace KisFeed.Simulator.Replay;

/// <summary>Counters of a replayed capture. Thread-safe.</summary>
internal sealed class ReplayCounters
{
    private long _frames;
    private long _notices;
    private long _problems;
    private long _at;

    /// <summary>Frames that were due, whether or not a client was registered for them.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Order notices that belong to none of the registered HTS IDs.</summary>
    public long UnmatchedNotices => Volatile.Read(ref _notices);

    public long Problems => Volatile.Read(ref _problems);

    /// <summary>The time of receipt of the last due frame; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? Position => Volatile.Read(ref _at) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Played(DateTimeOffset at)
    {
        Interlocked.Increment(ref _frames);
        Volatile.Write(ref _at, at.UtcTicks);
    }

    public void UnmatchedNotice() => Interlocked.Increment(ref _notices);

    public void Problem() => Interlocked.Increment(ref _problems);
}
