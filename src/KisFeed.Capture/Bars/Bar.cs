namespace KisFeed.Capture;

/// <summary>What captureEvent to one key in one interval, by exchange time.</summary>
public sealed record Bar
{
    /// <summary>The TR ID of the feed.</summary>
    public required string TrId { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>When the interval begins, in Korea's offset.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The first price; <see langword="null"/> where no record of the interval has one.</summary>
    public decimal? Open { get; init; }

    /// <summary>The highest price.</summary>
    public decimal? High { get; init; }

    /// <summary>The lowest price.</summary>
    public decimal? Low { get; init; }

    /// <summary>The last price.</summary>
    public decimal? Close { get; init; }

    /// <summary>The sum of the records' own volumes, or of a feed without prices the growth of the cumulative one from record to record, in the unit of the feed; of those that were sent twice, or that are more than the cumulative volume grew, what it grew by.</summary>
    public decimal Volume { get; init; }

    /// <summary>The sum of the records' own turnovers, or the growth of the cumulative one alike, in the unit of the feed; <see langword="null"/> where the feed does not tell them.</summary>
    public decimal? Turnover { get; init; }

    /// <summary>How many records it is made of.</summary>
    public long Trades { get; init; }

    /// <summary>Whether data of it are missing: a gap begins, ends or lies in it.</summary>
    public bool HasGap { get; init; }

    /// <summary>
    /// The growth of the cumulative volume that no record of the capture accounts for. It stands in the bar in which the growth shows: the one after a gap. Over a
    /// day <see cref="Volume"/> and this add up to the growth of the cumulative column. <see langword="null"/> where the feed has none.
    /// </summary>
    public decimal? MissedVolume { get; init; }

    /// <summary>Records that came while this bar was open but belong into an earlier one, and are in none; their volume is in a <see cref="MissedVolume"/>, of this bar or the one in which the growth showed, unless they were sent again.</summary>
    public long Late { get; init; }

    /// <summary>
    /// What was bought less what was sold, of a feed that tells it instead of prices: what its net volume grew by from record to record. <see langword="null"/> for feeds with
    /// prices, and where the bar has nothing to compare with, such as one with the first record of a day alone.
    /// </summary>
    public decimal? NetVolume { get; init; }

    /// <summary>The money for what was bought less that for what was sold, alike.</summary>
    public decimal? NetTurnover { get; init; }

    /// <summary>The growth of the net volume that <see cref="MissedVolume"/> is of: when it came about is not known. <see langword="null"/> for feeds with prices.</summary>
    public decimal? MissedNetVolume { get; init; }

    /// <summary>The growth of the net turnover, alike.</summary>
    public decimal? MissedNetTurnover { get; init; }
}

/// <summary>A bar that is being made.</summary>
internal sealed class BarBuilder
{
    private decimal? _open;
    private decimal? _high;
    private decimal? _low;
    private decimal? _close;
    private decimal _volume;
    private decimal _turnover;
    private long _trades;

    public DateTimeOffset Start { get; private set; }

    public bool HasGap { get; set; }

    public long Late { get; set; }

    public void Begin(DateTimeOffset start, bool hasGap)
    {
        (_open, _high, _low, _close, _volume, _turnover, _trades) = (null, null, null, null, 0, 0, 0);
        (Start, HasGap, Late) = (start, hasGap, 0);
    }

    public void Add(decimal? price, decimal volume, decimal turnover)
    {
        _trades++;
        _volume += volume;
        _turnover += turnover;
        if (price is not { } p)
            return;
        _open ??= p;
        _high = _high is { } high ? Math.Max(high, p) : p;
        _low = _low is { } low ? Math.Min(low, p) : p;
        _close = p;
    }

    public Bar Finish(BarColumns columns, string key, decimal? missed) => new()
    {
        TrId = columns.TrId,
        Key = key,
        Start = Start,
        Open = _open,
        High = _high,
        Low = _low,
        Close = _close,
        Volume = _volume,
        Turnover = columns.HasTurnover ? _turnover : null,
        Trades = _trades,
        HasGap = HasGap,
        MissedVolume = missed,
        Late = Late,
    };
}
