namespace KisFeed.TestSupport;

/// <summary>The system's clock, set forward or back. Timers are the system's.</summary>
internal sealed class ShiftedTimeProvider : TimeProvider
{
    private static readonly TimeSpan s_korea = TimeSpan.FromHours(9);

    public TimeSpan Shift { get; set; }

    /// <summary>
    /// A clock that starts at a time of day in Korea, so that the date of records, which is the nearest to the time of receipt,
    /// does not depend on when the test runs.
    /// </summary>
    public static ShiftedTimeProvider InKoreaAt(TimeSpan time) => new() { Shift = time - System.GetUtcNow().ToOffset(s_korea).TimeOfDay };

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
