using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>Open, high, low, last and previous close of a day, all in the same unit.</summary>
internal sealed class PriceRange(long firstPreviousClose)
{
    private bool _traded;

    public long PreviousClose { get; private set; } = firstPreviousClose;

    public long Open { get; private set; }

    public long High { get; private set; }

    public long Low { get; private set; }

    public long Last { get; private set; } = firstPreviousClose;

    /// <summary>Ends the day: the last price becomes the previous close.</summary>
    public void Roll()
    {
        PreviousClose = Last;
        _traded = false;
    }

    public void Add(long price)
    {
        Last = price;
        if (!_traded)
        {
            Open = High = Low = price;
            _traded = true;
        }

        High = Math.Max(High, price);
        Low = Math.Min(Low, price);
    }
}

/// <summary>Prices and rates as integers in units of their last digit. They are exact and are formatted with the broker's scale.</summary>
internal static class FixedPoint
{
    /// <summary>Converts hundredths to a decimal with two decimal places.</summary>
    public static decimal Hundredths(long units) => ToDecimal(units, 2);

    /// <summary>Converts thousandths to a decimal with three decimal places.</summary>
    public static decimal Thousandths(long units) => ToDecimal(units, 3);

    /// <summary>A change relative to the previous value in hundredths of a percent, rounded to the nearest, halves away from zero.</summary>
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
