using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>
/// Makes the bars of one key of a feed with the net volume of the day instead of prices, such as program trading. Each record has
/// the totals of the day, so a bar is the growth of the cumulative columns from record to record. The time before the first record
/// of a day is unknown and in no bar.
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

    // The time of the growth up to the next record is unknown.
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
            // Later records include its totals.
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
            // Out of order, unless the time is later: then the cumulative columns restarted.
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

/// <summary>The totals of a day or a period, in the units of the feed.</summary>
/// <param name="Volume">The volume bought and sold.</param>
/// <param name="Turnover">The turnover; 0 if the feed has none.</param>
/// <param name="NetVolume">The volume bought minus the volume sold.</param>
/// <param name="NetTurnover">The turnover bought minus the turnover sold; 0 if the feed has none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NetTotals(decimal Volume, decimal Turnover, decimal NetVolume, decimal NetTurnover)
{
    public static NetTotals operator +(NetTotals a, NetTotals b) =>
        new(a.Volume + b.Volume, a.Turnover + b.Turnover, a.NetVolume + b.NetVolume, a.NetTurnover + b.NetTurnover);

    public static NetTotals operator -(NetTotals a, NetTotals b) =>
        new(a.Volume - b.Volume, a.Turnover - b.Turnover, a.NetVolume - b.NetVolume, a.NetTurnover - b.NetTurnover);
}
