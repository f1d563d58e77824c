namespace KisFeed.Capture;

/// <summary>
/// The stretches of a cumulative volume that no record accounts for, so that one that comes late finds its place. So many are told apart; the oldest of more are
/// still part of the sum, but can no longer be filled.
/// </summary>
internal sealed class UnaccountedVolume
{
    private const int Most = 64;

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
        if (_stretches.Count == Most)
        {
            _closed += _stretches[0].To - _stretches[0].From;
            _stretches.RemoveAt(0);
        }

        _stretches.Add((from, to));
    }

    /// <summary>Takes out what lies in a stretch; how much that was.</summary>
    public decimal Take(decimal from, decimal to)
    {
        var taken = 0m;
        for (var i = _stretches.Count - 1; i >= 0; i--)
        {
            var (start, end) = _stretches[i];
            var (low, high) = (Math.Max(start, from), Math.Min(end, to));
            if (high <= low)
                continue;
            taken += high - low;
            _stretches.RemoveAt(i);
            Add(start, low);
            Add(high, end);
        }

        return taken;
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
