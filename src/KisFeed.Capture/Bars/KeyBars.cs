using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Makes the bars of one key, one after the other.</summary>
internal sealed class KeyBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished)
{
    private readonly DayVolume _day = new();
    private readonly OpenBar _bar = new();
    private bool _isOpen;
    private bool _isBehindGap;

    /// <summary>Data are missing from here on.</summary>
    public void Mark() => _bar.HasGap = _isBehindGap = true;

    public void Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        var own = columns.Volume(fields) ?? 0;
        var total = columns.Cumulative(fields);
        if (columns.Time(fields, receivedAt) is not { } time)
        {
            counts.Untimed++;
            PassOver(_bar.Start, total, own);
            return;
        }

        var start = time.AddTicks(-(time.TimeOfDay.Ticks % interval.Ticks));
        if (_isOpen && start < _bar.Start)
        {
            TakeLate(time, total, own);
            return;
        }

        if (_isOpen && start > _bar.Start)
            Finish(endsDay: start.Date != _bar.Start.Date);
        if (!_isOpen)
            _bar.Begin(start, _isBehindGap);
        (_isOpen, _isBehindGap) = (true, false);
        Take(fields, time, total, own);
    }

    /// <summary>The capture has ended.</summary>
    public void End()
    {
        if (_isOpen)
            Finish(endsDay: true);
    }

    private void Take(in RecordFields fields, DateTimeOffset time, decimal? total, decimal own)
    {
        var (growth, seen, isRestart, isRepeated) = _day.Take(time, total, own);
        _day.Settle(growth, seen);
        _bar.Add(columns.Price(fields), seen, isRepeated ? 0 : columns.Turnover(fields) ?? 0);
        _bar.HasGap |= isRestart;
        counts.Records++;
        counts.Restarts += isRestart ? 1 : 0;
        counts.Repeated += isRepeated ? 1 : 0;
    }

    private void TakeLate(DateTimeOffset time, decimal? total, decimal own)
    {
        counts.Late++;
        counts.LateVolume += own;
        _bar.Late++;

        // Of a day that is over nothing grows any more.
        if (time.Date == _bar.Start.Date)
            PassOver(time, total, own);
    }

    // What is in no bar has not been seen, as far as bars go.
    private void PassOver(DateTimeOffset time, decimal? total, decimal own)
    {
        if (_isOpen)
            _day.Settle(_day.Take(time, total, own).Growth, 0);
    }

    private void Finish(bool endsDay)
    {
        finished.Enqueue(_bar.Finish(columns, key, columns.HasCumulative ? _day.TakeMissed() : null));
        counts.Bars++;
        _isOpen = false;
        if (!endsDay)
            return;
        var excess = _day.End();
        counts.Excess += columns.HasCumulative ? excess : 0;
    }
}
