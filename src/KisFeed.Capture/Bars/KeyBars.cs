using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>Makes the bars of one key of a feed with prices.</summary>
internal sealed class KeyBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished) : IKeyBars
{
    private readonly DayVolume _day = new();
    private readonly BarBuilder _bar = new();
    private bool _isOpen;
    private bool _isBehindGap;

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
        _bar.Add(columns.Price(fields), share.Fresh, isRepeated ? 0 : columns.Turnover(fields) ?? 0);
        _bar.HasGap |= share.IsRestart;
        counts.Records++;
        counts.Excess += share.Excess;
        counts.Restarts += share.IsRestart ? 1 : 0;
        counts.Repeated += isRepeated ? 1 : 0;
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
        var excess = _day.End();
        counts.Excess += columns.HasCumulative ? excess : 0;
    }
}
