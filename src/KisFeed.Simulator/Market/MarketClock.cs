using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>Market time: the trading hours of consecutive weekdays. Only the market's events advance it.</summary>
internal sealed class MarketClock
{
    private readonly TimeSpan _step;

    public MarketClock(in MarketMoment start, TimeSpan step)
    {
        _step = step;
        Moment = start;
    }

    public MarketMoment Moment { get; private set; }

    public static bool IsTradingDay(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    /// <summary>Advances by a step, and from the close to the opening of the next trading day.</summary>
    public void Advance()
    {
        var sinceOpen = Moment.SinceOpen + _step;
        Moment = sinceOpen < MarketMoment.DayLength
            ? Moment with { SinceOpen = sinceOpen }
            : new MarketMoment(NextTradingDay(Moment.Day), TimeSpan.Zero);
    }

    private static DateOnly NextTradingDay(DateOnly day)
    {
        do
            day = day.AddDays(1);
        while (!IsTradingDay(day));
        return day;
    }
}

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

    public DateTimeOffset Instant => new(Day.ToDateTime(Time), KisFeed.Wire.KoreaTime.Offset);

    public long Milliseconds => SinceOpen.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>How much of the day has passed, from 0 to 1.</summary>
    public double DayFraction => (double)SinceOpen.Ticks / DayLength.Ticks;

    public MarketMoment DayOpening => this with { SinceOpen = TimeSpan.Zero };
}

/// <summary>The trading hours, in Korea time.</summary>
public static class MarketHours
{
    /// <summary>The opening: 09:00.</summary>
    public static TimeOnly Opening { get; } = new(9, 0);

    /// <summary>The close: 15:30.</summary>
    public static TimeOnly Close { get; } = new(15, 30);

    /// <summary>
    /// The time of day at which a market should start at an instant, so that a market started later is further on. During trading hours it
    /// is Korea's own time; outside them the trading hours repeat from 09:00, at 15:30, 22:00 and 04:30.
    /// </summary>
    public static TimeOnly TimeOfDayAt(DateTimeOffset instant)
    {
        var sinceOpening = TimeOnly.FromDateTime(KoreaTime.From(instant).DateTime) - Opening;
        return Opening.Add(TimeSpan.FromTicks(sinceOpening.Ticks % (Close - Opening).Ticks));
    }
}
