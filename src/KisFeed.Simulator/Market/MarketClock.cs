namespace KisFeed.Simulator.Market;

/// <summary>Market time: trading hours of weekdays, one behind another, moved on by nothing but the market's events.</summary>
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

    /// <summary>Goes on by a step; from the close to the opening of the next trading day.</summary>
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
