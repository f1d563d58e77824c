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
