namespace KisFeed.Capture;

/// <summary>
/// Sets the records' own volumes against the growth of the cumulative one, over a day of one key. What the growth exceeds them by was missed. What they exceed it by has
/// been taken for missed before, when they come out of order, or is taken back from what is missed next.
/// </summary>
internal sealed class DayVolume
{
    private decimal? _highest;
    private decimal? _last;
    private DateTimeOffset _lastTime;
    private decimal _balance;

    /// <summary>Takes a record: the growth that it shows, and its own volume unless that was told before.</summary>
    public (decimal Growth, decimal Own, bool IsRestart, bool IsRepeated) Take(DateTimeOffset time, decimal? total, decimal own)
    {
        if (total is not { } now)
            return (0, own, false, false);
        var (last, isLater) = (_last, time > _lastTime);
        _last = now;
        if (isLater)
            _lastTime = time;

        // What went back although time went on was not out of order.
        if (_highest is not { } highest || (now < highest && isLater))
        {
            var isRestart = _highest is not null;
            _highest = now;
            return (own, own, isRestart, false);
        }

        if (now == last && own > 0)
            return (0, 0, false, true);
        var growth = Math.Max(0, now - highest);
        _highest = highest + growth;
        return (growth, own, false, false);
    }

    /// <summary>Notes a growth, and the volume that was seen of it.</summary>
    public void Settle(decimal growth, decimal seen) => _balance += growth - seen;

    /// <summary>The growth so far that nothing that was seen accounts for.</summary>
    public decimal TakeMissed()
    {
        var missed = Math.Max(0, _balance);
        _balance -= missed;
        return missed;
    }

    /// <summary>Ends the day; what own volumes exceed the growth by.</summary>
    public decimal End()
    {
        var excess = -Math.Min(0, _balance);
        (_highest, _last, _lastTime, _balance) = (null, null, default, 0);
        return excess;
    }
}
