namespace KisFeed.Feeds;

/// <summary>
/// The session and the kind of a trade (신 장운영 구분 코드). The first character is the session, the second the kind of trade; combinations that
/// are not listed are preserved. Values are the characters of the broker's codes.
/// </summary>
public enum MarketOperation : ulong
{
    /// <summary>10: before the opening, ordinary trade.</summary>
    [CodeName("장개시전 보통")]
    PreOpen = ('1' << 8) | '0',

    /// <summary>11: before the opening, at the previous closing price.</summary>
    [CodeName("장개시전 종가")]
    PreOpenClosingPrice = ('1' << 8) | '1',

    /// <summary>12: before the opening, block trade.</summary>
    [CodeName("장개시전 대량")]
    PreOpenBlock = ('1' << 8) | '2',

    /// <summary>13: before the opening, basket trade.</summary>
    [CodeName("장개시전 바스켓")]
    PreOpenBasket = ('1' << 8) | '3',

    /// <summary>20: regular session, ordinary trade.</summary>
    [CodeName("장중 보통")]
    Regular = ('2' << 8) | '0',

    /// <summary>22: regular session, block trade.</summary>
    [CodeName("장중 대량")]
    RegularBlock = ('2' << 8) | '2',

    /// <summary>23: regular session, basket trade.</summary>
    [CodeName("장중 바스켓")]
    RegularBasket = ('2' << 8) | '3',

    /// <summary>27: regular session, liquidation trade before delisting.</summary>
    [CodeName("장중 정리매매")]
    RegularLiquidation = ('2' << 8) | '7',

    /// <summary>30: after the close, ordinary trade.</summary>
    [CodeName("장종료후 보통")]
    AfterClose = ('3' << 8) | '0',

    /// <summary>31: after the close, at the closing price.</summary>
    [CodeName("장종료후 종가")]
    AfterClosePrice = ('3' << 8) | '1',

    /// <summary>32: after the close, block trade.</summary>
    [CodeName("장종료후 대량")]
    AfterCloseBlock = ('3' << 8) | '2',

    /// <summary>33: after the close, basket trade.</summary>
    [CodeName("장종료후 바스켓")]
    AfterCloseBasket = ('3' << 8) | '3',

    /// <summary>40: single-price session after hours, ordinary trade.</summary>
    [CodeName("시간외단일가 보통")]
    AfterHours = ('4' << 8) | '0',

    /// <summary>47: single-price session after hours, liquidation trade.</summary>
    [CodeName("시간외단일가 정리매매")]
    AfterHoursLiquidation = ('4' << 8) | '7',

    /// <summary>78: buy-in.</summary>
    [CodeName("일반 Buy-in")]
    BuyIn = ('7' << 8) | '8',

    /// <summary>88: buy-in on the same day.</summary>
    [CodeName("당일 Buy-in")]
    SameDayBuyIn = ('8' << 8) | '8',
}
