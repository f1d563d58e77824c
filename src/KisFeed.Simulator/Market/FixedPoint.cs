using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>Prices and rates as integers in units of their last digit. They are exact and are formatted with the broker's scale.</summary>
internal static class FixedPoint
{
    /// <summary>Converts hundredths to a decimal with two decimal places.</summary>
    public static decimal Hundredths(long units) => ToDecimal(units, 2);

    /// <summary>Converts thousandths to a decimal with three decimal places.</summary>
    public static decimal Thousandths(long units) => ToDecimal(units, 3);

    /// <summary>
    /// A change relative to the previous value in hundredths of a percent, rounded to the nearest, halves away from zero.
    /// </summary>
    public static long RateOf(long change, long previous)
    {
        var doubled = Math.Abs(change) * 20_000 / previous;
        return Math.Sign(change) * ((doubled + 1) / 2);
    }

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
