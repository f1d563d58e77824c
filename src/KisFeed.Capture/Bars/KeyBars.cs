using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>Makes the bars of one key of a feed with prices.</summary>
internal sealed class KeyBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished) : IKeyBars
{
    private readonly DayVolume _day = new();
    private readonly BarBuilder _bar = new();
    private bool _isOpen;
    private bool _isBehindGap;

    // The highest cumulative turnover of the day.
    private decimal? _turnover;

    public void Mark() => _bar.HasGap = _isBehindGap = true;

    public void Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        var own = columns.Volume(fields) ?? 0;
        var total = columns.Cumulative(fields);
        if (columns.Time(fields, receivedAt) is not { } time)
        {
            counts.Untimed++;
            if (_isOpen)
                _day.AddOutsideBar(_bar.Start, total, own);
            return;
        }

        var start = time.AddTicks(-(time.TimeOfDay.Ticks % interval.Ticks));
        if (_isOpen && start < _bar.Start)
        {
            AddLate(time, total, own);
            return;
        }

        if (_isOpen && start > _bar.Start)
            Finish(endsDay: start.Date != _bar.Start.Date);
        if (!_isOpen)
            _bar.Begin(start, _isBehindGap);
        (_isOpen, _isBehindGap) = (true, false);
        AddToBar(fields, time, total, own);
    }

    public void End()
    {
        if (_isOpen)
            Finish(endsDay: true);
    }

    private void AddToBar(in RecordFields fields, DateTimeOffset time, decimal? total, decimal own)
    {
        var share = _day.Add(time, total, own);
        var isRepeated = share.Fresh == 0 && share.Excess == 0 && own > 0;
        _bar.Add(columns.Price(fields), share.Fresh, TurnoverOf(fields, share.IsRestart, isRepeated));
        _bar.HasGap |= share.IsRestart;
        counts.Records++;
        counts.Excess += share.Excess;
        counts.Restarts += share.IsRestart ? 1 : 0;
        counts.Repeated += isRepeated ? 1 : 0;
    }

    private decimal? TurnoverOf(in RecordFields fields, bool isRestart, bool isRepeated)
    {
        if (!columns.HasTurnover)
            return null;
        if (!columns.HasOnlyCumulativeTurnover)
            return isRepeated ? 0 : columns.Turnover(fields) ?? 0;
        if (columns.CumulativeTurnover(fields) is not { } now)
            return null;

        // The first record of a day or after a restart has nothing to be compared with, unless it is the first trade.
        if (_turnover is null || isRestart)
            _turnover = columns.Cumulative(fields) is { } total && total == columns.Volume(fields) ? 0 : null;
        var growth = now - _turnover;
        if (growth < 0)
            return 0;
        _turnover = now;
        return growth;
    }

    private void AddLate(DateTimeOffset time, decimal? total, decimal own)
    {
        counts.Late++;
        _bar.Late++;

        // The cumulative volume of a previous day no longer grows.
        var missed = time.Date == _bar.Start.Date ? _day.AddOutsideBar(time, total, own) : own;
        counts.LateVolume += missed;
        counts.Repeated += missed == 0 && own > 0 ? 1 : 0;
    }

    private void Finish(bool endsDay)
    {
        finished.Enqueue(_bar.Finish(columns, key, columns.HasCumulative ? _day.CollectMissed() : null));
        counts.Bars++;
        _isOpen = false;
        if (!endsDay)
            return;
        _turnover = null;
        var excess = _day.End();
        counts.Excess += columns.HasCumulative ? excess : 0;
    }
}
