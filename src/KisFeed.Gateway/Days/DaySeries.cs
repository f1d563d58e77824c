namespace KisFeed.Gateway.Days;

/// <summary>The minutes of one column of one key. Not thread-safe.</summary>
internal sealed class DaySeries
{
    private readonly List<DayBar> _bars = [];

    public decimal? Last => _bars is [.., var bar] ? bar.Close : null;

    public IReadOnlyList<DayBar> Copy() => [.. _bars];

    /// <summary>Adds a value.</summary>
    /// <param name="minute">The minute of the day.</param>
    /// <param name="value">The value.</param>
    /// <param name="before">The value before this one, for a value that grows with each record; otherwise the value itself.</param>
    /// <param name="isLate">Whether a value of a later time was added before. Then the last value does not change.</param>
    public void Add(int minute, decimal value, decimal before, bool isLate)
    {
        var index = _bars.Count - 1;
        while (index >= 0 && _bars[index].Minute > minute)
            index--;
        if (index < 0 || _bars[index].Minute < minute)
        {
            _bars.Insert(index + 1, new DayBar(minute, before, value, before, value, 1));
            return;
        }

        var bar = _bars[index];
        _bars[index] = bar with
        {
            High = Math.Max(bar.High, value),
            Low = Math.Min(bar.Low, before),
            Close = isLate ? bar.Close : value,
            Records = bar.Records + 1,
        };
    }

    public void Clear() => _bars.Clear();
}
