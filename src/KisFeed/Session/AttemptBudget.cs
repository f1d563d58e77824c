namespace KisFeed.Session;

/// <summary>
/// How many connections an app key may still attempt within a minute and within an hour. Sessions that share an app key, one after the other,
/// share its budget, so that a program which makes a client anew after each failure does not hammer the broker either. For any thread.
/// </summary>
/// <param name="perMinute">Attempts within any minute.</param>
/// <param name="perHour">Attempts within any hour.</param>
public sealed class AttemptBudget(int perMinute, int perHour)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _attempts = [];

    /// <summary>Takes one attempt, if there is one to take.</summary>
    /// <param name="now">The time, by the monotonic clock that all users of this budget share.</param>
    /// <param name="allowedAt">When the next attempt is allowed: now, where this one was.</param>
    public bool TryTake(TimeSpan now, out TimeSpan allowedAt)
    {
        lock (_gate)
        {
            allowedAt = AllowedAt(now);
            if (allowedAt > now)
                return false;
            _attempts.RemoveAll(attempt => attempt <= now - s_hour);
            _attempts.Add(now);
            return true;
        }
    }

    /// <summary>The earliest time at which an attempt is allowed, not before <paramref name="now"/>.</summary>
    public TimeSpan NextAt(TimeSpan now)
    {
        lock (_gate)
            return AllowedAt(now);
    }

    private TimeSpan AllowedAt(TimeSpan now) => Max(now, Max(EndOf(perMinute, s_minute), EndOf(perHour, s_hour)));

    // The window is full until the attempt that many before the next one has left it.
    private TimeSpan EndOf(int limit, TimeSpan window) => _attempts.Count < limit ? TimeSpan.MinValue : _attempts[^limit] + window;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
