using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>Prices and rates as whole numbers of their last digit: exact, and told with the scale the broker uses.</summary>
internal static class FixedPoint
{
    /// <summary>A number of hundredths as a decimal of two digits behind the point.</summary>
    public static decimal Hundredths(long units) => ToDecimal(units, 2);

    /// <summary>A number of thousandths as a decimal of three digits behind the point.</summary>
    public static decimal Thousandths(long units) => ToDecimal(units, 3);

    /// <summary>A change in hundredths of a percent of what it is a change of, rounded to the nearest, halves away from zero.</summary>
    public static long RateOf(long change, long previous)
    {
        var doubled = Math.Abs(change) * 20_000 / previous;
        return Math.Sign(change) * ((doubled + 1) / 2);
    }

    /// <summary>The direction of a change.</summary>
    public static ChangeSign SignOf(long change) => change switch
    {
        > 0 => ChangeSign.Up,
        < 0 => ChangeSign.Down,
        _ => ChangeSign.Unchanged,
    };

    private static decimal ToDecimal(long units, byte scale)
    {
        var magnitude = Math.Abs(units);
        return new decimal((int)magnitude, (int)(magnitude >> 32), 0, units < 0, scale);
    }
}
