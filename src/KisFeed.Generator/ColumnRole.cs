namespace KisFeed.Generator;

/// <summary>The roles of the library's enum of that name, with the same values.</summary>
internal enum ColumnRole
{
    /// <summary>None.</summary>
    None,

    /// <summary>A volume traded today.</summary>
    CumulativeVolume,

    /// <summary>The record's own volume.</summary>
    TradeVolume,

    /// <summary>The record's price.</summary>
    Price,

    /// <summary>The record's time.</summary>
    Time,

    /// <summary>A turnover of today.</summary>
    CumulativeTurnover,

    /// <summary>The record's own turnover.</summary>
    TradeTurnover,

    /// <summary>A net volume of today.</summary>
    NetVolume,

    /// <summary>A net turnover of today.</summary>
    NetTurnover,
}
