namespace KisFeed.Cli.Ticks;

/// <summary>The format of a column.</summary>
internal enum TickStyle
{
    /// <summary>As sent; a code by its name.</summary>
    Text,

    /// <summary>A code by its Korean and its English name.</summary>
    BothNames,

    /// <summary>A number with thousands separators and the scale as sent.</summary>
    Number,

    Percent,

    /// <summary>A signed number, coloured by its sign.</summary>
    SignedNumber,

    /// <summary>A signed percentage, coloured by the direction of the record.</summary>
    SignedPercent,

    /// <summary>A change against the previous close: the direction as an arrow, then the amount without its sign.</summary>
    Change,

    /// <summary>Buy or sell, coloured as up and down.</summary>
    Side,
}
