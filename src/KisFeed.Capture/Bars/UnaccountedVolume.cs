namespace KisFeed.Capture.Bars;

/// <summary>
/// The ranges of a cumulative volume that no record accounts for, so that a late record can fill its range. Their number is bounded; older
/// ranges remain part of the sum, but can no longer be filled.
/// </summary>
internal sealed class UnaccountedVolume
{
    private const int MaxStretches = 64;

    private readonly List<(decimal From, decimal To)> _stretches = [];
    private decimal _closed;

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

    /// <summary>Moves the ranges that can still be filled to another object, and clears this one.</summary>
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
