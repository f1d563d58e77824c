namespace KisFeed.Capture.Bars;

/// <summary>A bar (OHLC) of one key for one interval of exchange time.</summary>
public sealed record Bar
{
    /// <summary>The TR ID of the feed.</summary>
    public required string TrId { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The start of the interval, with Korea's offset.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The first price; <see langword="null"/> if no record of the interval has one.</summary>
    public decimal? Open { get; init; }

    /// <summary>The highest price.</summary>
    public decimal? High { get; init; }

    /// <summary>The lowest price.</summary>
    public decimal? Low { get; init; }

    /// <summary>The last price.</summary>
    public decimal? Close { get; init; }

    /// <summary>
    /// The sum of the records' own volumes; for a feed without prices, the growth of the cumulative volume from record to record. In the unit of the feed. Records that
    /// were sent twice, or exceed the growth of the cumulative volume, count only with that growth. <see langword="null"/> if the feed has no volumes, such as one of expected
    /// prices.
    /// </summary>
    public decimal? Volume { get; init; }

    /// <summary>
    /// The sum of the records' own turnovers, in the unit of the feed; the growth of the cumulative turnover if the records have no turnovers of their own. This growth includes
    /// the turnover of missed records, in the bar in which it appears. <see langword="null"/> if the feed has none, or the bar has only the first record of a day.
    /// </summary>
    public decimal? Turnover { get; init; }

    /// <summary>The number of records in the bar.</summary>
    public long Trades { get; init; }

    /// <summary>Whether data is missing: a gap begins, ends or lies within the bar.</summary>
    public bool HasGap { get; init; }

    /// <summary>
    /// The growth of the cumulative volume that no record of the capture accounts for. It is in the bar in which the growth appears: the one after a gap. Over a
    /// day, <see cref="Volume"/> and this add up to the growth of the cumulative column. <see langword="null"/> if the feed has no cumulative volume.
    /// </summary>
    public decimal? MissedVolume { get; init; }

    /// <summary>
    /// Records of an earlier interval that arrived while this bar was open. They are in no bar; their volume is part of the <see cref="MissedVolume"/> of this bar, or of
    /// the one in which the growth appeared, unless they are repetitions.
    /// </summary>
    public long Late { get; init; }

    /// <summary>
    /// The volume bought minus the volume sold, for a feed with net volumes instead of prices: the growth of its net volume from record to record.
    /// <see langword="null"/> for feeds with prices, and for a bar without a previous record, such as one with only the first record of a day.
    /// </summary>
    public decimal? NetVolume { get; init; }

    /// <summary>The turnover bought minus the turnover sold, as for <see cref="NetVolume"/>.</summary>
    public decimal? NetTurnover { get; init; }

    /// <summary>The growth of the net volume that belongs to <see cref="MissedVolume"/>; its time is unknown. <see langword="null"/> for feeds with prices.</summary>
    public decimal? MissedNetVolume { get; init; }

    /// <summary>The growth of the net turnover, as for <see cref="MissedNetVolume"/>.</summary>
    public decimal? MissedNetTurnover { get; init; }
}

internal sealed class BarBuilder
{
    private decimal? _open;
    private decimal? _high;
    private decimal? _low;
    private decimal? _close;
    private decimal _volume;
    private decimal? _turnover;
    private long _trades;

    public DateTimeOffset Start { get; private set; }

    public bool HasGap { get; set; }

    public long Late { get; set; }

    public void Begin(DateTimeOffset start, bool hasGap)
    {
        (_open, _high, _low, _close, _volume, _turnover, _trades) = (null, null, null, null, 0, null, 0);
        (Start, HasGap, Late) = (start, hasGap, 0);
    }

    public void Add(decimal? price, decimal volume, decimal? turnover)
    {
        _trades++;
        _volume += volume;
        if (turnover is { } value)
            _turnover = (_turnover ?? 0) + value;
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
        Volume = columns.HasVolume ? _volume : null,
        Turnover = _turnover,
        Trades = _trades,
        HasGap = HasGap,
        MissedVolume = missed,
        Late = Late,
    };
}
