using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>A moment of a trading day.</summary>
/// <param name="Day">The trading day.</param>
/// <param name="SinceOpen">The time since the market opened, less than the length of the day.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MarketMoment(DateOnly Day, TimeSpan SinceOpen)
{
    /// <summary>From 09:00:00 to 15:30:00.</summary>
    public static TimeSpan DayLength { get; } = MarketHours.Close - MarketHours.Opening;

    /// <summary>The time of day in Korea.</summary>
    public TimeOnly Time => MarketHours.Opening.Add(SinceOpen);

    /// <summary>The same as an instant.</summary>
    public DateTimeOffset Instant => new(Day.ToDateTime(Time), KisFeed.Wire.KoreaTime.Offset);

    /// <summary>Whole milliseconds since the market opened.</summary>
    public long Milliseconds => SinceOpen.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>How much of the day has passed, from 0 to 1.</summary>
    public double DayFraction => (double)SinceOpen.Ticks / DayLength.Ticks;

    /// <summary>The opening of the same day.</summary>
    public MarketMoment DayOpening => this with { SinceOpen = TimeSpan.Zero };
}
