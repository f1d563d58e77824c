using System.Runtime.InteropServices;

namespace KisFeed.Capture.Bars;

/// <summary>
/// Compares the records' own volumes with the growth of the cumulative volume, for one key and day. A record accounts for the range of its
/// own volume that ends at its cumulative volume. Growth outside all ranges was missed, and a record within earlier ranges is a repetition,
/// so counted and missed volume add up to the growth.
/// </summary>
internal sealed class DayVolume
{
    // The missed ranges of the open bar, and those of earlier bars, which were reported.
    private readonly UnaccountedVolume _unaccounted = new();
    private readonly UnaccountedVolume _reported = new();
    private decimal? _highest;
    private decimal _lowest;
    private DateTimeOffset _lastTime;
    private DateTimeOffset _begunAt;
    private decimal _missed;
    private decimal _unplaced;

    /// <summary>Adds a record of the open bar and returns its share of the volume.</summary>
    public VolumeShare Add(DateTimeOffset time, decimal? total, decimal own)
    {
        if (total is { } now)
            return Locate(time, now, Math.Max(0, own));
        _unplaced += own;
        return new VolumeShare(own);
    }

    /// <summary>Adds a record that is in no bar and returns the volume that is missed because of it.</summary>
    public decimal AddOutsideBar(DateTimeOffset time, decimal? total, decimal own)
    {
        own = Math.Max(0, own);
        if (total is not { } now)
            return own;
        var fresh = Locate(time, now, own).Fresh;
        _missed += fresh;
        return fresh + _reported.Remove(now - own, now);
    }

    /// <summary>Returns the volume missed since the last call.</summary>
    public decimal CollectMissed()
    {
        var missed = _missed + _unaccounted.Sum;
        _missed = 0;
        _unaccounted.MoveTo(_reported);
        return missed;
    }

    /// <summary>Ends the day. Returns the volume of records without a cumulative volume that its growth does not contain.</summary>
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

        // A decrease with a later time is a restart; otherwise the record is out of order.
        if (_highest is not { } highest || (now < highest && isLater))
            return Begin(time, now, own);

        // The state before the restart is no longer known.
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

        // The record is older than the first one received.
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

    // The growth contains the volume of records without a cumulative volume.
    private void AddMissed(decimal from, decimal to)
    {
        var placed = Math.Min(_unplaced, to - from);
        _unplaced -= placed;
        _unaccounted.Add(from + placed, to);
    }
}

/// <summary>The share of a record in the volume of its day.</summary>
/// <param name="Fresh">The part of its own volume that no earlier record accounts for.</param>
/// <param name="Excess">The part of its own volume that exceeds the growth of the cumulative volume.</param>
/// <param name="IsRestart">Whether the cumulative volume restarted with it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VolumeShare(decimal Fresh, decimal Excess = 0, bool IsRestart = false);
