namespace KisFeed.Wire;

/// <summary>
/// The role of a column in a trade or a day, whatever its name in the feed. It is used to compute the
/// missed volume of gaps and to build bars.
/// </summary>
public enum ColumnRole
{
    /// <summary>No role.</summary>
    None,

    /// <summary>The cumulative volume of the day, including this record. If a record has several such columns, their sum counts.</summary>
    CumulativeVolume,

    /// <summary>The volume of this record only, in the unit of the cumulative volume. At most one column of a record.</summary>
    TradeVolume,

    /// <summary>The price of this record. At most one column of a record.</summary>
    Price,

    /// <summary>The time of day of the event at the exchange. At most one column of a record.</summary>
    Time,

    /// <summary>
    /// The cumulative value traded in the day, including this record. If a record has several such columns, their sum counts.
    /// </summary>
    CumulativeTurnover,

    /// <summary>The value of this record only, in the unit of the cumulative value. At most one column of a record.</summary>
    TradeTurnover,

    /// <summary>The volume bought in the day minus the volume sold, including this record. At most one column of a record.</summary>
    NetVolume,

    /// <summary>The value bought in the day minus the value sold, including this record. At most one column of a record.</summary>
    NetTurnover,

    /// <summary>
    /// The date in Korea of the event at the exchange, whose time of day has the role <see cref="Time"/>. At most one column of a record.
    /// </summary>
    Date,
}
