namespace KisFeed.Gateway;

/// <summary>The minutes of one column of one key. One thread at a time.</summary>
internal sealed class DaySeries
{
    private readonly List<DayBar> _bars = [];

    /// <summary>What came last; <see langword="null"/> where nothing has.</summary>
    public decimal? Last => _bars is [.., var bar] ? bar.Close : null;

    /// <summary>The minutes in which something came, in order.</summary>
    public IReadOnlyList<DayBar> Copy() => [.. _bars];

    /// <summary>Takes a value.</summary>
    /// <param name="minute">The minute of the day that it is of.</param>
    /// <param name="value">The value.</param>
    /// <param name="isLate">Whether one of a later time has come before it. What was last stays last then.</param>
    public void Add(int minute, decimal value, bool isLate)
    {
        var place = _bars.Count - 1;
        while (place >= 0 && _bars[place].Minute > minute)
            place--;
        if (place < 0 || _bars[place].Minute < minute)
        {
            _bars.Insert(place + 1, new DayBar(minute, value, value, value, value, 1));
            return;
        }

        var bar = _bars[place];
        _bars[place] = bar with { High = Math.Max(bar.High, value), Low = Math.Min(bar.Low, value), Close = isLate ? bar.Close : value, Records = bar.Records + 1 };
    }

    /// <summary>Forgets everything, and keeps the room for it.</summary>
    public void Clear() => _bars.Clear();
}
