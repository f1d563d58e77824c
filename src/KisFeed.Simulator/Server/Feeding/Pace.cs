namespace KisFeed.Simulator.Server;

/// <summary>
/// How many market events are due. A late caller catches up, but by no more than <see cref="MaxCatchUp"/>: after a pause the market goes on
/// where it was rather than in a rush.
/// </summary>
internal sealed class Pace(double rate, TimeProvider timeProvider)
{
    private long _last = timeProvider.GetTimestamp();
    private double _due;

    /// <summary>
    /// How often to look at finite rates. Ticks that fall due in between travel in one frame, as those of the service do: fine enough for the
    /// eye, coarse enough that frames of several records are common.
    /// </summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest time that is caught up on.</summary>
    public static TimeSpan MaxCatchUp { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether events are always due.</summary>
    public bool IsUnlimited => double.IsPositiveInfinity(rate);

    /// <summary>Counts from a timestamp of the clock on, and forgets the time before.</summary>
    public void Restart(long timestamp) => _last = timestamp;

    /// <summary>Takes the events that have fallen due since the last call, at finite rates.</summary>
    public int TakeDue()
    {
        var now = timeProvider.GetTimestamp();
        _due += timeProvider.GetElapsedTime(_last, now).TotalSeconds * rate;
        _last = now;
        _due = Math.Min(_due, Math.Max(1, MaxCatchUp.TotalSeconds * rate));
        var whole = (int)Math.Min(_due, int.MaxValue);
        _due -= whole;
        return whole;
    }
}
