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
    public decimal? Open { get; internal set; }

    /// <summary>The highest price.</summary>
    public decimal? High { get; internal set; }

    /// <summary>The lowest price.</summary>
    public decimal? Low { get; internal set; }

    /// <summary>The last price.</summary>
    public decimal? Close { get; internal set; }

    /// <summary>
    /// The sum of the records' own volumes; for a feed without prices, the growth of the cumulative volume from record to record. In the
    /// unit of the feed. Records that were sent twice, or exceed the growth of the cumulative volume, count only with that growth.
    /// <see langword="null"/> if the feed has no volumes, such as one of expected prices.
    /// </summary>
    public decimal? Volume { get; internal set; }

    /// <summary>
    /// The sum of the records' own turnovers, in the unit of the feed; the growth of the cumulative turnover if the records have no
    /// turnovers of their own. This growth includes the turnover of missed records, in the bar in which it appears. <see langword="null"/>
    /// if the feed has none, or the bar has only the first record of a day.
    /// </summary>
    public decimal? Turnover { get; internal set; }

    /// <summary>The number of records in the bar.</summary>
    public long Trades { get; internal set; }

    /// <summary>Whether data is missing: a gap begins, ends or lies within the bar.</summary>
    public bool HasGap { get; internal set; }

    /// <summary>
    /// The growth of the cumulative volume that no record of the capture accounts for. It is in the bar in which the growth appears: the
    /// one after a gap. Over a day, <see cref="Volume"/> and this add up to the growth of the cumulative column. <see langword="null"/> if
    /// the feed has no cumulative volume.
    /// </summary>
    public decimal? MissedVolume { get; internal set; }

    /// <summary>
    /// Records of an earlier interval that arrived while this bar was open. They are in no bar; their volume is part of the
    /// <see cref="MissedVolume"/> of this bar, or of the one in which the growth appeared, unless they are repetitions.
    /// </summary>
    public long Late { get; internal set; }

    /// <summary>
    /// The volume bought minus the volume sold, for a feed with net volumes instead of prices: the growth of its net volume
    /// from record to record. <see langword="null"/> for feeds with prices, and for a bar without a previous record, such as
    /// one with only the first record of a day.
    /// </summary>
    public decimal? NetVolume { get; internal set; }

    /// <summary>The turnover bought minus the turnover sold, as for <see cref="NetVolume"/>.</summary>
    public decimal? NetTurnover { get; internal set; }

    /// <summary>
    /// The growth of the net volume that belongs to <see cref="MissedVolume"/>; its time is unknown.
    /// <see langword="null"/> for feeds with prices.
    /// </summary>
    public decimal? MissedNetVolume { get; internal set; }

    /// <summary>The growth of the net turnover, as for <see cref="MissedNetVolume"/>.</summary>
    public decimal? MissedNetTurnover { get; internal set; }
}
