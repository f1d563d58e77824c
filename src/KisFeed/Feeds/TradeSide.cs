namespace KisFeed.Feeds;

/// <summary>The side that caused a trade (체결구분). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum TradeSide : ulong
{
    /// <summary>1: a buy order.</summary>
    [CodeName("매수")]
    Buy = '1',

    /// <summary>3: a trade before the opening.</summary>
    [CodeName("장전")]
    PreOpen = '3',

    /// <summary>5: a sell order.</summary>
    [CodeName("매도")]
    Sell = '5',
}

/// <summary>
/// Yes or no, as a code: where the document says Y or N, other characters have been sent, e.g. 2. Unlisted codes are preserved.
/// </summary>
public enum YesNo : ulong
{
    /// <summary>Y.</summary>
    [CodeName("예")]
    Yes = 'Y',

    /// <summary>N.</summary>
    [CodeName("아니오")]
    No = 'N',
}

/// <summary>
/// The part of the trading day, and whether prices are expected ones (시간 구분 코드). Values are the characters of the broker's codes; unlisted codes are
/// preserved.
/// </summary>
public enum TradingPhase : ulong
{
    /// <summary>0: regular trading.</summary>
    [CodeName("장중")]
    Regular = '0',

    /// <summary>A: expected prices after the close.</summary>
    [CodeName("장후예상")]
    ExpectedAfterClose = 'A',

    /// <summary>B: expected prices before the opening.</summary>
    [CodeName("장전예상")]
    ExpectedBeforeOpen = 'B',

    /// <summary>C: expected prices after nine o'clock, or in a volatility interruption.</summary>
    [CodeName("9시 이후의 예상가, VI 발동")]
    ExpectedInSession = 'C',

    /// <summary>D: expected prices of the single-price session after hours.</summary>
    [CodeName("시간외 단일가 예상")]
    ExpectedAfterHours = 'D',
}

/// <summary>
/// The session and the kind of a trade (신 장운영 구분 코드). The first character is the session, the second the kind of trade; combinations that are not
/// listed are preserved. Values are the characters of the broker's codes.
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

/// <summary>
/// The session of the market (시장 구분 코드), sent since 2026-09-14. Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum MarketSession : ulong
{
    /// <summary>1: before the regular session.</summary>
    [CodeName("프리마켓")]
    PreMarket = '1',

    /// <summary>2: the regular session.</summary>
    [CodeName("정규장")]
    Regular = '2',

    /// <summary>3: after the regular session.</summary>
    [CodeName("애프터마켓")]
    AfterMarket = '3',

    /// <summary>5: trading at the closing price.</summary>
    [CodeName("종가")]
    ClosingPrice = '5',
}
