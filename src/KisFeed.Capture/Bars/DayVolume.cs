namespace KisFeed.Capture;

/// <summary>
/// Sets the records' own volumes against the growth of the cumulative one, over a day of one key. A record accounts for the stretch that ends at its cumulative
/// volume and is as long as its own one. What the growth exceeds those by was missed, and one that lies where others were is sent again: so the two add up to the growth.
/// </summary>
internal sealed class DayVolume
{
    // Of the bar that is open, and of those before it, whose missed volume has been told.
    private readonly UnaccountedVolume _unseen = new();
    private readonly UnaccountedVolume _told = new();
    private decimal? _highest;
    private decimal _lowest;
    private DateTimeOffset _lastTime;
    private DateTimeOffset _begunAt;
    private decimal _missed;
    private decimal _unplaced;

    /// <summary>Takes a record of the bar that is open: what of its volume belongs into it.</summary>
    public VolumeShare Take(DateTimeOffset time, decimal? total, decimal own)
    {
        if (total is { } now)
            return Place(time, now, Math.Max(0, own));
        _unplaced += own;
        return new VolumeShare(own);
    }

    /// <summary>Takes a record that is in no bar: what of its volume is missed therefore.</summary>
    public decimal PassOver(DateTimeOffset time, decimal? total, decimal own)
    {
        own = Math.Max(0, own);
        if (total is not { } now)
            return own;
        var fresh = Place(time, now, own).Fresh;
        _missed += fresh;
        return fresh + _told.Take(now - own, now);
    }

    /// <summary>What was missed since this was asked last.</summary>
    public decimal TakeMissed()
    {
        var missed = _missed + _unseen.Sum;
        _missed = 0;
        _unseen.MoveTo(_told);
        return missed;
    }

    /// <summary>Ends the day; the volume of records without a cumulative one that it has not grown by.</summary>
    public decimal End()
    {
        var excess = _unplaced;
        (_highest, _lowest, _lastTime, _begunAt, _missed, _unplaced) = (null, 0, default, default, 0, 0);
        _unseen.Clear();
        _told.Clear();
        return excess;
    }

    private VolumeShare Place(DateTimeOffset time, decimal now, decimal own)
    {
        var isLater = time > _lastTime;
        if (isLater)
            _lastTime = time;

        // What went back although time went on was not out of order.
        if (_highest is not { } highest || (now < highest && isLater))
            return Begin(time, now, own);

        // Of what was before it began anew nothing is known any more.
        if (time < _begunAt)
            return default;
        var from = now - own;
        if (now > highest)
        {
            var start = Math.Max(from, highest);
            Miss(highest, start);
            _highest = now;
            return new VolumeShare(now - start, start - from);
        }

        if (now > _lowest || from >= _lowest)
            return new VolumeShare(_unseen.Take(from, now));

        // It is from before the first one that came.
        Miss(now, _lowest);
        _lowest = from;
        return new VolumeShare(own);
    }

    private VolumeShare Begin(DateTimeOffset time, decimal now, decimal own)
    {
        var isRestart = _highest is not null;
        if (isRestart)
        {
            _missed += _unseen.Sum;
            _unseen.Clear();
            _told.Clear();
            _begunAt = time;
        }

        (_lowest, _highest) = (now - own, now);
        return new VolumeShare(own, IsRestart: isRestart);
    }

    // Records without a cumulative volume are part of what it grew by.
    private void Miss(decimal from, decimal to)
    {
        var placed = Math.Min(_unplaced, to - from);
        _unplaced -= placed;
        _unseen.Add(from + placed, to);
    }
}
