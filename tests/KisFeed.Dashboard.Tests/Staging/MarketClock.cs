namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>
/// The system's clock, set to the opening of the simulated market. Records carry a time without a date, and the gateway takes the date that is nearest to when it received them: it must be the
/// same all day, whatever the time of the test is.
/// </summary>
internal sealed class MarketClock : TimeProvider
{
    private static readonly TimeSpan s_korea = TimeSpan.FromHours(9);
    private static readonly TimeSpan s_opening = TimeSpan.FromHours(9);

    private readonly TimeSpan _shift = ShiftFrom(System.GetUtcNow());

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    private static TimeSpan ShiftFrom(DateTimeOffset now) => s_opening - now.ToOffset(s_korea).TimeOfDay;
}
