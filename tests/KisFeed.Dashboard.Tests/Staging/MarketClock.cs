namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>
/// The system's clock, shifted to the opening of the simulated market. Records have a time without a date, and the gateway adds the date that is nearest to the time of receipt. With this clock
/// that date is the same whenever the test runs.
/// </summary>
/// <param name="daysAgo">The number of days by which it is earlier.</param>
internal sealed class MarketClock(int daysAgo = 0) : TimeProvider
{
    private static readonly TimeSpan s_korea = TimeSpan.FromHours(9);
    private static readonly TimeSpan s_opening = TimeSpan.FromHours(9);

    private readonly TimeSpan _shift = ShiftFrom(System.GetUtcNow()) - TimeSpan.FromDays(daysAgo);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    private static TimeSpan ShiftFrom(DateTimeOffset now) => s_opening - now.ToOffset(s_korea).TimeOfDay;
}
