namespace KisFeed.Feeds;

/// <summary>
/// The kind of collateral of an overseas order (담보유형코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasCollateral : ulong
{
    /// <summary>10: cash.</summary>
    [CodeName("현금")]
    Cash = ('1' << 8) | '0',

    /// <summary>15: a loan against overseas stocks.</summary>
    [CodeName("해외주식담보대출")]
    StockLoan = ('1' << 8) | '5',
}

/// <summary>
/// How a split order is divided by time (시간분할타입유형).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OrderSplit : ulong
{
    /// <summary>00: at the given times.</summary>
    [CodeName("시간직접설정")]
    Times = ('0' << 8) | '0',

    /// <summary>02: until the end of the regular session.</summary>
    [CodeName("정규장까지")]
    RegularSession = ('0' << 8) | '2',
}

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
