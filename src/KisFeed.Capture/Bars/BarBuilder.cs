namespace KisFeed.Capture.Bars;

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
