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
}
