namespace KisFeed.Dashboard.Day;

/// <summary>What is measured.</summary>
internal sealed record DayOptions
{
    /// <summary>How much of the market's day the page is left open for.</summary>
    public required TimeSpan Market { get; init; }

    /// <summary>How much of that goes before the page counts as settled: what it takes is compared with what it takes then.</summary>
    public required TimeSpan Settling { get; init; }

    /// <summary>How many times as fast as the clock the market goes.</summary>
    public required double Speed { get; init; }

    /// <summary>Events a second of market time, over all keys that are shown.</summary>
    public required double Rate { get; init; }
}
