namespace KisFeed.Simulator.Market;

/// <summary>The steps in which stocks are priced (호가가격단위): the exchange's table since January 2023, the same on KRX and NXT.</summary>
internal static class TickSize
{
    /// <summary>The step at a price, in KRW.</summary>
    public static long At(double price) => price switch
    {
        < 2_000 => 1,
        < 5_000 => 5,
        < 20_000 => 10,
        < 50_000 => 50,
        < 200_000 => 100,
        < 500_000 => 500,
        _ => 1_000,
    };

    /// <summary>The nearest price that can be quoted, at least one tick.</summary>
    public static long Nearest(double price)
    {
        var tick = At(price);
        return Math.Max(tick, (long)Math.Round(price / tick) * tick);
    }
}
