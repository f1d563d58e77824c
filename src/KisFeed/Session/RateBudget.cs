namespace KisFeed.Session;

/// <summary>
/// How often something may still be done within a minute and within an hour: connect with an app key, or register new keys with it. Sessions that share an app key, one after the other, share its budgets, so that a program
/// which creates a client again after each failure does not hammer the broker either. For any thread.
/// </summary>
/// <param name="perMinute">How often within any minute; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="perHour">How often within any hour; <see cref="int.MaxValue"/> for no limit.</param>
public sealed class RateBudget(int perMinute, int perHour)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _taken = [];
    private bool _isLow;

    /// <summary>How often it may be done within any minute.</summary>
    public int PerMinute => perMinute;

    /// <summary>How often it may be done within any hour.</summary>
    public int PerHour => perHour;

    private bool IsUnlimited => perMinute == int.MaxValue && perHour == int.MaxValue;

    /// <summary>Takes one, if there is one left.</summary>
    /// <param name="now">The time, by the monotonic clock that all users of this budget share.</param>
    /// <param name="allowedAt">When the next one is allowed: now, where this one was.</param>
    public bool TryTake(TimeSpan now, out TimeSpan allowedAt)
    {
        lock (_gate)
        {
            allowedAt = AllowedAt(now);
            if (allowedAt > now)
                return false;
            if (IsUnlimited)
                return true;
            _taken.RemoveAll(at => at <= now - s_hour);
            _taken.Add(now);
            return true;
        }
    }

    /// <summary>The earliest time at which one is allowed, not before <paramref name="now"/>.</summary>
    public TimeSpan NextAt(TimeSpan now)
    {
        lock (_gate)
            return AllowedAt(now);
    }

    /// <summary>How many are left just now.</summary>
    public int Left(TimeSpan now)
    {
        lock (_gate)
            return CountLeft(now);
    }

    /// <summary>Whether few are left, a quarter of those of a minute or less. Says so once, and again when more than half were left in between.</summary>
    /// <param name="now">The time.</param>
    /// <param name="left">How many are left.</param>
    public bool TryWarn(TimeSpan now, out int left)
    {
        lock (_gate)
        {
            left = CountLeft(now);
            if (left > perMinute / 2)
                _isLow = false;
            if (left > perMinute / 4 || _isLow)
                return false;
            return _isLow = true;
        }
    }

    private int CountLeft(TimeSpan now) => Math.Max(0, Math.Min(LeftOf(perMinute, now - s_minute), LeftOf(perHour, now - s_hour)));

    private int LeftOf(int limit, TimeSpan since) => limit - _taken.Count(at => at > since);

    private TimeSpan AllowedAt(TimeSpan now) => Max(now, Max(EndOf(perMinute, s_minute), EndOf(perHour, s_hour)));

    // The window is full until the one that many before the next has left it.
    private TimeSpan EndOf(int limit, TimeSpan window) => _taken.Count < limit ? TimeSpan.MinValue : _taken[^limit] + window;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
