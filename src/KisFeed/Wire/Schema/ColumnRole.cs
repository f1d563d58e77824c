namespace KisFeed.Wire;

/// <summary>
/// What a column tells of the trade or of the day, whatever it is called in its feed: by it is known how much passed where records are missing,
/// and from which columns bars are made.
/// </summary>
public enum ColumnRole
{
    /// <summary>Nothing of that kind.</summary>
    None,

    /// <summary>The volume traded today, this record included. Where a record has several such columns, their sum is meant.</summary>
    CumulativeVolume,

    /// <summary>The volume of this record alone, in the unit of the cumulative one. One column of a record at most.</summary>
    TradeVolume,

    /// <summary>The price of this record. One column of a record at most.</summary>
    Price,

    /// <summary>The time of day at which what the record tells of happened, at the exchange. One column of a record at most.</summary>
    Time,

    /// <summary>The money traded today, this record included. Where a record has several such columns, their sum is meant.</summary>
    CumulativeTurnover,

    /// <summary>The money of this record alone, in the unit of the cumulative one. One column of a record at most.</summary>
    TradeTurnover,

    /// <summary>The volume bought today less that sold, this record included. One column of a record at most.</summary>
    NetVolume,

    /// <summary>The money for what was bought today less that for what was sold, this record included. One column of a record at most.</summary>
    NetTurnover,
}
