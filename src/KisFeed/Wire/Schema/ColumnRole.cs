namespace KisFeed.Wire;

/// <summary>What a column tells of the volume that is traded: by it is known how much passed where records are missing.</summary>
public enum ColumnRole
{
    /// <summary>Nothing of that kind.</summary>
    None,

    /// <summary>The volume traded today, this record included. Where a record has several such columns, their sum is meant.</summary>
    CumulativeVolume,

    /// <summary>The volume of this record alone, in the unit of the cumulative one. One column of a record at most.</summary>
    TradeVolume,
}
