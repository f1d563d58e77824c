namespace KisFeed.Capture.Bars;

/// <summary>The counts of a capture from which bars are made.</summary>
public sealed class BarCounts : ReadCounts
{
    private readonly HashSet<string> _withoutPrice = new(StringComparer.Ordinal);

    internal BarCounts()
    {
    }

    /// <summary>Bars made.</summary>
    public long Bars { get; internal set; }

    /// <summary>Records in bars.</summary>
    public long Records { get; internal set; }

    /// <summary>Records that arrived after the end of their bar and are in no bar.</summary>
    public long Late { get; internal set; }

    /// <summary>
    /// The volume of late records that no other record accounts for. It is part of the missed volume of
    /// the bar in which the growth appeared.
    /// </summary>
    public decimal LateVolume { get; internal set; }

    /// <summary>Records without a time, which are in no bar. Their volume is part of the missed volume.</summary>
    public long Untimed { get; internal set; }

    /// <summary>Records whose volume an earlier record already has: they were sent again. Their volume is not counted twice.</summary>
    public long Repeated { get; internal set; }

    /// <summary>How often a cumulative volume restarted within a day.</summary>
    public long Restarts { get; internal set; }

    /// <summary>
    /// The volume by which the records' own volumes exceed the growth of the cumulative volume: the feed is inconsistent.
    /// </summary>
    public decimal Excess { get; internal set; }

    /// <summary>Records of keys that are not tracked, which are in no bar. This is also reported as a flaw of the file.</summary>
    public long Unfollowed { get; internal set; }

    /// <summary>The TR IDs of feeds without bars: they have no time, or neither a price nor a net volume.</summary>
    public IReadOnlyCollection<string> WithoutPrice => _withoutPrice;

    internal void AddWithoutPrice(string trId) => _withoutPrice.Add(trId);
}
