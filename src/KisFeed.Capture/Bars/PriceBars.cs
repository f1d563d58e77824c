using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>Makes the bars of one key of a feed with prices.</summary>
internal sealed class PriceBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished)
    : KeyBars(columns, key, interval, counts, finished)
{
    private readonly DayVolume _day = new();

    // The highest cumulative turnover of the day.
    private decimal? _turnover;

    protected override void Add(Bar bar, in RecordFields fields, DateTimeOffset time)
    {
        var own = OwnVolume(fields);
        var share = _day.Add(time, Columns.Cumulative(fields), own);
        var isRepeated = share.Fresh == 0 && share.Excess == 0 && own > 0;
        if (Columns.HasVolume)
            bar.Volume = (bar.Volume ?? 0) + share.Fresh;
        if (TurnoverOf(fields, share.IsRestart, isRepeated) is { } turnover)
            bar.Turnover = (bar.Turnover ?? 0) + turnover;
        if (Columns.Price(fields) is { } price)
        {
            bar.Open ??= price;
            bar.High = bar.High > price ? bar.High : price;
            bar.Low = bar.Low < price ? bar.Low : price;
            bar.Close = price;
        }

        bar.HasGap |= share.IsRestart;
        Counts.Excess += share.Excess;
        Counts.Restarts += share.IsRestart ? 1 : 0;
        Counts.Repeated += isRepeated ? 1 : 0;
    }

    protected override void AddUntimed(in RecordFields fields)
    {
        if (Open is { } open)
            _day.AddOutsideBar(open.Start, Columns.Cumulative(fields), OwnVolume(fields));
    }

    protected override void AddLate(Bar open, in RecordFields fields, DateTimeOffset time)
    {
        // The cumulative volume of a previous day no longer grows.
        var own = OwnVolume(fields);
        var missed = time.Date == open.Start.Date ? _day.AddOutsideBar(time, Columns.Cumulative(fields), own) : own;
        Counts.LateVolume += missed;
        Counts.Repeated += missed == 0 && own > 0 ? 1 : 0;
    }

    protected override void OnFinished(Bar bar, bool endsDay)
    {
        if (Columns.HasCumulative)
            bar.MissedVolume = _day.CollectMissed();
        if (!endsDay)
            return;
        _turnover = null;
        var excess = _day.End();
        Counts.Excess += Columns.HasCumulative ? excess : 0;
    }

    private decimal OwnVolume(in RecordFields fields) => Columns.Volume(fields) ?? 0;

    private decimal? TurnoverOf(in RecordFields fields, bool isRestart, bool isRepeated)
    {
        if (!Columns.HasTurnover)
            return null;
        if (!Columns.HasOnlyCumulativeTurnover)
            return isRepeated ? 0 : Columns.Turnover(fields) ?? 0;
        if (Columns.CumulativeTurnover(fields) is not { } now)
            return null;

        // The first record of a day or after a restart has nothing to be compared with, unless it is the first trade.
        if (_turnover is null || isRestart)
            _turnover = Columns.Cumulative(fields) is { } total && total == Columns.Volume(fields) ? 0 : null;
        var growth = now - _turnover;
        if (growth < 0)
            return 0;
        _turnover = now;
        return growth;
    }
}
