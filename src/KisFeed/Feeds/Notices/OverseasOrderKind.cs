namespace KisFeed.Feeds;

/// <summary>
/// The kind of an overseas order (주문종류2).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasOrderKind : ulong
{
    /// <summary>1: market.</summary>
    [CodeName("시장가")]
    Market = '1',

    /// <summary>2: limit.</summary>
    [CodeName("지정가")]
    Limit = '2',

    /// <summary>6: odd lot, market.</summary>
    [CodeName("단주시장가")]
    OddLotMarket = '6',

    /// <summary>7: odd lot, limit.</summary>
    [CodeName("단주지정가")]
    OddLotLimit = '7',

    /// <summary>A: market on open.</summary>
    [CodeName("MOO")]
    MarketOnOpen = 'A',

    /// <summary>B: limit on open.</summary>
    [CodeName("LOO")]
    LimitOnOpen = 'B',

    /// <summary>C: market on close.</summary>
    [CodeName("MOC")]
    MarketOnClose = 'C',

    /// <summary>D: limit on close.</summary>
    [CodeName("LOC")]
    LimitOnClose = 'D',
}
