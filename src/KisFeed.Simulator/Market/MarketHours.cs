using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>When the market trades, in Korea time.</summary>
public static class MarketHours
{
    /// <summary>When a day begins: 09:00.</summary>
    public static TimeOnly Opening { get; } = new(9, 0);

    /// <summary>When a day has ended: 15:30.</summary>
    public static TimeOnly Close { get; } = new(15, 30);

    /// <summary>
    /// The time of day at which a market is to be taken up at an instant, so that one taken up later is further on: in trading hours Korea's own time;
    /// after them the trading hours are gone through again from 09:00, at 15:30, 22:00 and 04:30.
    /// </summary>
    public static TimeOnly TimeOfDayAt(DateTimeOffset instant)
    {
        var sinceOpening = TimeOnly.FromDateTime(KoreaTime.From(instant).DateTime) - Opening;
        return Opening.Add(TimeSpan.FromTicks(sinceOpening.Ticks % (Close - Opening).Ticks));
    }
}
