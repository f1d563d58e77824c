using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Makes the bars of one key of a feed that has no price but tells what was bought less what was sold today, such as program trading. Each record states the day so far, so a bar is what the
/// cumulative columns grew by from record to record. Nothing is known of what was before the first record of a day, and it is in no bar.
/// </summary>
internal sealed class NetBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished) : IKeyBars
{
    private DateTimeOffset _start;
    private DateTimeOffset _lastTime;
    private NetTotals? _before;
    private NetTotals? _seen;
    private NetTotals _missed;
    private long _trades;
    private long _late;
    private bool _isOpen;
    private bool _hasGap;
    private bool _isBehindGap;

    // When the growth up to the next record came about is not known.
    private bool _isUnplaced;

    public void Mark() => _hasGap = _isBehindGap = _isUnplaced = true;

    public void Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (columns.Time(fields, receivedAt) is not { } time)
        {
            counts.Untimed++;
            _isUnplaced = true;
            return;
        }

        var start = time.AddTicks(-(time.TimeOfDay.Ticks % interval.Ticks));
        if (_isOpen && start < _start)
        {
            // What it tells is part of what later records tell.
            counts.Late++;
            _late++;
            return;
        }

        if (_isOpen && start > _start)
            Finish(endsDay: start.Date != _start.Date);
        if (!_isOpen)
            (_start, _hasGap, _seen, _missed, _trades, _late) = (start, _isBehindGap, null, default, 0, 0);
        (_isOpen, _isBehindGap) = (true, false);
        _trades++;
        counts.Records++;
        if (columns.Totals(fields) is { } now)
            Grow(time, now);
    }

    public void End()
    {
        if (_isOpen)
            Finish(endsDay: true);
    }

    private void Grow(DateTimeOffset time, NetTotals now)
    {
        if (_before is { } before && now.Volume < before.Volume)
        {
            // Out of order, unless time went on: then the cumulative columns started again.
            if (time <= _lastTime)
                return;
            counts.Restarts++;
            _hasGap = true;
        }
        else if (_before is { } known)
        {
            if (_isUnplaced)
                _missed += now - known;
            else
                _seen = (_seen ?? default) + (now - known);
        }

        (_before, _lastTime, _isUnplaced) = (now, time, false);
    }

    private void Finish(bool endsDay)
    {
        finished.Enqueue(new Bar
        {
            TrId = columns.TrId,
            Key = key,
            Start = _start,
            Volume = _seen?.Volume ?? 0,
            Turnover = columns.HasTurnover ? _seen?.Turnover : null,
            Trades = _trades,
            HasGap = _hasGap,
            MissedVolume = _missed.Volume,
            Late = _late,
            NetVolume = _seen?.NetVolume,
            NetTurnover = columns.HasNetTurnover ? _seen?.NetTurnover : null,
            MissedNetVolume = _missed.NetVolume,
            MissedNetTurnover = columns.HasNetTurnover ? _missed.NetTurnover : null,
        });
        counts.Bars++;
        _isOpen = false;
        if (endsDay)
            (_before, _lastTime, _isUnplaced) = (null, default, false);
    }
}

/// <summary>What was traded today, or within a time, in the units of the feed.</summary>
/// <param name="Volume">The volume bought and sold.</param>
/// <param name="Turnover">The money for it; 0 where the feed does not tell.</param>
/// <param name="NetVolume">The volume bought less that sold.</param>
/// <param name="NetTurnover">The money for what was bought less that for what was sold; 0 where the feed does not tell.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NetTotals(decimal Volume, decimal Turnover, decimal NetVolume, decimal NetTurnover)
{
    public static NetTotals operator +(NetTotals a, NetTotals b) => new(a.Volume + b.Volume, a.Turnover + b.Turnover, a.NetVolume + b.NetVolume, a.NetTurnover + b.NetTurnover);

    public static NetTotals operator -(NetTotals a, NetTotals b) => new(a.Volume - b.Volume, a.Turnover - b.Turnover, a.NetVolume - b.NetVolume, a.NetTurnover - b.NetTurnover);
}
