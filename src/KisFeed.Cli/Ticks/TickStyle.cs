namespace KisFeed.Cli.Ticks;

/// <summary>How a column is shown to people.</summary>
internal enum TickStyle
{
    /// <summary>As sent; a code by its name.</summary>
    Text,

    /// <summary>A number with thousands separators and the scale as sent.</summary>
    Number,

    /// <summary>A number of percent.</summary>
    Percent,

    /// <summary>A signed number, coloured by its sign.</summary>
    SignedNumber,

    /// <summary>A signed number of percent, coloured by the record's direction.</summary>
    SignedPercent,

    /// <summary>A change against the previous close: the direction as an arrow, then the amount without its sign.</summary>
    Change,

    /// <summary>Buy or sell, coloured as up and down.</summary>
    Side,
}
