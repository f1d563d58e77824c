namespace KisFeed.Capture;

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
