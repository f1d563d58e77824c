using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>Makes the bars of one key.</summary>
internal abstract class KeyBars(BarColumns columns, string key, TimeSpan interval, BarCounts counts, Queue<Bar> finished)
{
    private bool _isBehindGap;

    protected BarColumns Columns => columns;

    protected BarCounts Counts => counts;

    /// <summary>The open bar, if there is one.</summary>
    protected Bar? Open { get; private set; }

    /// <summary>Marks that data is missing from here on.</summary>
    public virtual void Mark()
    {
        Open?.HasGap = true;
        _isBehindGap = true;
    }

    public void Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (columns.Time(fields, receivedAt) is not { } time)
        {
            counts.Untimed++;
            AddUntimed(fields);
            return;
        }

        var start = time.AddTicks(-(time.TimeOfDay.Ticks % interval.Ticks));
        if (start < Open?.Start)
        {
            counts.Late++;
            Open.Late++;
            AddLate(Open, fields, time);
            return;
        }

        if (start > Open?.Start)
            Finish(Open, endsDay: start.Date != Open.Start.Date);
        Open ??= new Bar { TrId = columns.TrId, Key = key, Start = start, HasGap = _isBehindGap };
        _isBehindGap = false;
        Open.Trades++;
        counts.Records++;
        Add(Open, fields, time);
    }

    public void End()
    {
        if (Open is { } last)
            Finish(last, endsDay: true);
    }

    protected abstract void Add(Bar bar, in RecordFields fields, DateTimeOffset time);

    /// <summary>A record without a time, which is in no bar.</summary>
    protected abstract void AddUntimed(in RecordFields fields);

    /// <summary>A record of an earlier interval than that of the open bar.</summary>
    protected abstract void AddLate(Bar open, in RecordFields fields, DateTimeOffset time);

    protected abstract void OnFinished(Bar bar, bool endsDay);

    private void Finish(Bar bar, bool endsDay)
    {
        OnFinished(bar, endsDay);
        finished.Enqueue(bar);
        counts.Bars++;
        Open = null;
    }
}
