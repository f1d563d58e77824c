using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>
/// Makes the bars of one key of a feed with the net volume of the day instead of prices, such as program trading. Each record has
/// the totals of the day, so a bar is the growth of the cumulative columns from record to record. The time before the first record
/// of a day is unknown and in no bar.
/// </summary>
internal sealed class NetBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished)
    : KeyBars(columns, key, interval, counts, finished)
{
    private DateTimeOffset _lastTime;
    private NetTotals? _before;
    private NetTotals? _seen;
    private NetTotals _missed;

    // The time of the growth up to the next record is unknown.
    private bool _isUnplaced;

    public override void Mark()
    {
        base.Mark();
        _isUnplaced = true;
    }

    protected override void Add(Bar bar, in RecordFields fields, DateTimeOffset time)
    {
        if (Columns.Totals(fields) is not { } now)
            return;
        if (now.Volume < _before?.Volume)
        {
            // Out of order, unless the time is later: then the cumulative columns restarted.
            if (time <= _lastTime)
                return;
            Counts.Restarts++;
            bar.HasGap = true;
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

    protected override void AddUntimed(in RecordFields fields) => _isUnplaced = true;

    protected override void AddLate(Bar open, in RecordFields fields, DateTimeOffset time)
    {
        // Later records include its totals.
    }

    protected override void OnFinished(Bar bar, bool endsDay)
    {
        bar.Volume = _seen?.Volume ?? 0;
        bar.Turnover = Columns.HasTurnover ? _seen?.Turnover : null;
        bar.MissedVolume = _missed.Volume;
        bar.NetVolume = _seen?.NetVolume;
        bar.NetTurnover = Columns.HasNetTurnover ? _seen?.NetTurnover : null;
        bar.MissedNetVolume = _missed.NetVolume;
        bar.MissedNetTurnover = Columns.HasNetTurnover ? _missed.NetTurnover : null;
        (_seen, _missed) = (null, default);
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
