namespace KisFeed.Capture;

/// <summary>What has been met so far of a capture that bars are made of.</summary>
public sealed class BarCounts : ReadCounts
{
    private readonly HashSet<string> _withoutPrice = new(StringComparer.Ordinal);

    internal BarCounts()
    {
    }

    /// <summary>Bars made.</summary>
    public long Bars { get; internal set; }

    /// <summary>Records that bars are made of.</summary>
    public long Records { get; internal set; }

    /// <summary>Records that came later than the end of the bar they belong into, and are in none.</summary>
    public long Late { get; internal set; }

    /// <summary>The volume of those, but for what other records account for already. It is part of the missed volume, of the bar in which the growth showed.</summary>
    public decimal LateVolume { get; internal set; }

    /// <summary>Records without a time, which are in no bar. Their volume is missed volume too.</summary>
    public long Untimed { get; internal set; }

    /// <summary>Records that say nothing new of the volume although they state one: they were sent before. Their volume is not counted twice.</summary>
    public long Repeated { get; internal set; }

    /// <summary>How often a cumulative volume began anew within a day.</summary>
    public long Restarts { get; internal set; }

    /// <summary>By how much records' own volumes exceed what the cumulative volume grew: what the feed says contradicts itself.</summary>
    public decimal Excess { get; internal set; }

    /// <summary>Records of keys beyond those that are told apart, which are in no bar. A flaw of the file says so too.</summary>
    public long Unfollowed { get; internal set; }

    /// <summary>The TR IDs of feeds of which no bars can be made: they have no time, or neither a price nor a net volume.</summary>
    public IReadOnlyCollection<string> WithoutPrice => _withoutPrice;

    internal void AddWithoutPrice(string trId) => _withoutPrice.Add(trId);
}
