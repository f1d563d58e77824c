using System.Runtime.InteropServices;

namespace KisFeed.Capture;

/// <summary>
/// Sets the records' own volumes against the growth of the cumulative one, over a day of one key. A record accounts for the stretch that ends at its cumulative
/// volume and is as long as its own one. What the growth exceeds those by was missed, and one that lies where others were is sent again: so the two add up to the growth.
/// </summary>
internal sealed class DayVolume
{
    // Of the bar that is open, and of those before it, whose missed volume has been told.
    private readonly UnaccountedVolume _unaccounted = new();
    private readonly UnaccountedVolume _reported = new();
    private decimal? _highest;
    private decimal _lowest;
    private DateTimeOffset _lastTime;
    private DateTimeOffset _begunAt;
    private decimal _missed;
    private decimal _unplaced;

    /// <summary>Takes a record of the bar that is open: what of its volume belongs into it.</summary>
    public VolumeShare Add(DateTimeOffset time, decimal? total, decimal own)
    {
        if (total is { } now)
            return Locate(time, now, Math.Max(0, own));
        _unplaced += own;
        return new VolumeShare(own);
    }

    /// <summary>Takes a record that is in no bar: what of its volume is missed therefore.</summary>
    public decimal AddOutsideBar(DateTimeOffset time, decimal? total, decimal own)
    {
        own = Math.Max(0, own);
        if (total is not { } now)
            return own;
        var fresh = Locate(time, now, own).Fresh;
        _missed += fresh;
        return fresh + _reported.Remove(now - own, now);
    }

    /// <summary>What was missed since this was asked last.</summary>
    public decimal CollectMissed()
    {
        var missed = _missed + _unaccounted.Sum;
        _missed = 0;
        _unaccounted.MoveTo(_reported);
        return missed;
    }

    /// <summary>Ends the day; the volume of records without a cumulative one that it has not grown by.</summary>
    public decimal End()
    {
        var excess = _unplaced;
        (_highest, _lowest, _lastTime, _begunAt, _missed, _unplaced) = (null, 0, default, default, 0, 0);
        _unaccounted.Clear();
        _reported.Clear();
        return excess;
    }

    private VolumeShare Locate(DateTimeOffset time, decimal now, decimal own)
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
            AddMissed(highest, start);
            _highest = now;
            return new VolumeShare(now - start, start - from);
        }

        if (now > _lowest || from >= _lowest)
            return new VolumeShare(_unaccounted.Remove(from, now));

        // It is from before the first one that came.
        AddMissed(now, _lowest);
        _lowest = from;
        return new VolumeShare(own);
    }

    private VolumeShare Begin(DateTimeOffset time, decimal now, decimal own)
    {
        var isRestart = _highest is not null;
        if (isRestart)
        {
            _missed += _unaccounted.Sum;
            _unaccounted.Clear();
            _reported.Clear();
            _begunAt = time;
        }

        (_lowest, _highest) = (now - own, now);
        return new VolumeShare(own, IsRestart: isRestart);
    }

    // Records without a cumulative volume are part of what it grew by.
    private void AddMissed(decimal from, decimal to)
    {
        var placed = Math.Min(_unplaced, to - from);
        _unplaced -= placed;
        _unaccounted.Add(from + placed, to);
    }
}

/// <summary>
/// The stretches of a cumulative volume that no record accounts for, so that one that comes late finds its place. So many are told apart; the oldest of more are
/// still part of the sum, but can no longer be filled.
/// </summary>
internal sealed class UnaccountedVolume
{
    private const int MaxStretches = 64;

    private readonly List<(decimal From, decimal To)> _stretches = [];
    private decimal _closed;

    /// <summary>How much all of it is.</summary>
    public decimal Sum
    {
        get
        {
            var sum = _closed;
            foreach (var (from, to) in _stretches)
                sum += to - from;
            return sum;
        }
    }

    /// <summary>Adds a stretch.</summary>
    public void Add(decimal from, decimal to)
    {
        if (to <= from)
            return;
        if (_stretches.Count == MaxStretches)
        {
            _closed += _stretches[0].To - _stretches[0].From;
            _stretches.RemoveAt(0);
        }

        _stretches.Add((from, to));
    }

    /// <summary>Takes out what lies in a stretch; how much that was.</summary>
    public decimal Remove(decimal from, decimal to)
    {
        var removed = 0m;
        for (var i = _stretches.Count - 1; i >= 0; i--)
        {
            var (start, end) = _stretches[i];
            var (low, high) = (Math.Max(start, from), Math.Min(end, to));
            if (high <= low)
                continue;
            removed += high - low;
            _stretches.RemoveAt(i);
            Add(start, low);
            Add(high, end);
        }

        return removed;
    }

    /// <summary>Adds what may still be filled to another, and keeps nothing.</summary>
    public void MoveTo(UnaccountedVolume other)
    {
        foreach (var (from, to) in _stretches)
            other.Add(from, to);
        Clear();
    }

    public void Clear()
    {
        _stretches.Clear();
        _closed = 0;
    }
}

/// <summary>What a record has to do with the volume of its day.</summary>
/// <param name="Fresh">What of its own volume no record before it accounts for.</param>
/// <param name="Excess">What of its own volume is more than the cumulative one grew.</param>
/// <param name="IsRestart">Whether the cumulative volume began anew with it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VolumeShare(decimal Fresh, decimal Excess = 0, bool IsRestart = false);
