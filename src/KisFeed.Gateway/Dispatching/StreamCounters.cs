namespace KisFeed.Gateway.Dispatching;

/// <summary>Counters over all streams. They are changed with <see cref="Interlocked"/> only.</summary>
internal sealed class StreamCounters
{
    public int Open;

    public long Opened;

    /// <summary>Records and events sent.</summary>
    public long Sent;

    /// <summary>Records dropped for slow streams. Each is counted in a gap of its stream.</summary>
    public long Dropped;

    /// <summary>Streams ended because they were slow.</summary>
    public long SlowCloses;

    /// <summary>Streams ended because their clients sent too many control frames or fragments, or an unfinished message.</summary>
    public long Floods;

    /// <summary>Keys that streams lost because upstream ended them.</summary>
    public long KeysLost;

    /// <summary>Streams with keys that resumed an earlier stream without a loss.</summary>
    public long Resumed;

    /// <summary>Streams with keys that resumed an earlier stream with a gap.</summary>
    public long ResumedInPart;
}
