namespace KisFeed.Session;

/// <summary>
/// A rate limit per minute and per hour: for connections with an app key, or for new registrations. Successive sessions of an app key share
/// its budgets, so that a program that re-creates its client after each failure stays within the limits too. Thread-safe.
/// </summary>
/// <param name="perMinute">The limit within any minute; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="perHour">The limit within any hour; <see cref="int.MaxValue"/> for no limit.</param>
internal sealed class RateBudget(int perMinute, int perHour)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _taken = [];
    private bool _isLow;

    public int PerMinute => perMinute;

    public int PerHour => perHour;

    private bool IsUnlimited => perMinute == int.MaxValue && perHour == int.MaxValue;

    /// <summary>Takes one permit, if one is left.</summary>
    /// <param name="now">The time, by the monotonic clock that all users of this budget share.</param>
    /// <param name="allowedAt">When the next permit is available: now, if this call took one.</param>
    public bool TryAcquire(TimeSpan now, out TimeSpan allowedAt)
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

    /// <summary>The earliest time at which a permit is available, not before <paramref name="now"/>.</summary>
    public TimeSpan NextAt(TimeSpan now)
    {
        lock (_gate)
            return AllowedAt(now);
    }

    public int Left(TimeSpan now)
    {
        lock (_gate)
            return CountLeft(now);
    }

    /// <summary>
    /// Whether few permits are left: a quarter of the limit per minute or less. Returns <see langword="true"/> once, and again after
    /// more than half were left in between.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="left">The number of permits left.</param>
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

    // The window is full until its oldest permit has expired.
    private TimeSpan EndOf(int limit, TimeSpan window) => _taken.Count < limit ? TimeSpan.MinValue : _taken[^limit] + window;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
