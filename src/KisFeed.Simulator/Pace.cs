namespace KisFeed.Simulator;

/// <summary>
/// Computes how many market events are due. A late caller catches up by at most <see cref="MaxCatchUp"/>: after a pause the market
/// continues at its normal pace.
/// </summary>
internal sealed class Pace(double rate, TimeProvider timeProvider)
{
    private long _last = timeProvider.GetTimestamp();
    private double _due;

    /// <summary>
    /// How often to send at finite rates. Records that become due within a period share a frame, as the broker's do. The period is short
    /// enough for the eye and long enough that frames of several records are common.
    /// </summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest delay that is caught up.</summary>
    public static TimeSpan MaxCatchUp { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether events are always due.</summary>
    public bool IsUnlimited => double.IsPositiveInfinity(rate);

    /// <summary>Starts counting at a timestamp of the clock.</summary>
    public void Restart(long timestamp) => _last = timestamp;

    /// <summary>Returns the number of events that became due since the last call. For finite rates only.</summary>
    public int GetDue()
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
