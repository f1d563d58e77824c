namespace KisFeed.Replay;

/// <summary>Counts what happens to the frames of a capture. For any thread.</summary>
internal sealed class ReplayCounters
{
    private long _frames;
    private long _notices;
    private long _problems;
    private long _at;

    /// <summary>Frames whose time has come, whether or not anybody is registered for them.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Order notices that belong to none of those who are registered for notices.</summary>
    public long UnmatchedNotices => Volatile.Read(ref _notices);

    /// <summary>Problems met in the capture.</summary>
    public long Problems => Volatile.Read(ref _problems);

    /// <summary>When the last frame whose time has come was received; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? Position => Volatile.Read(ref _at) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Played(DateTimeOffset at)
    {
        Interlocked.Increment(ref _frames);
        Volatile.Write(ref _at, at.UtcTicks);
    }

    public void StrangersNotice() => Interlocked.Increment(ref _notices);

    public void Problem() => Interlocked.Increment(ref _problems);
}
