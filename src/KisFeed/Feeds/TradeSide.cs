namespace KisFeed.Feeds;

/// <summary>The side that caused a trade (체결구분). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum TradeSide : ulong
{
    /// <summary>1: a buy order (매수).</summary>
    Buy = '1',

    /// <summary>3: a trade before the opening (장전).</summary>
    PreOpen = '3',

    /// <summary>5: a sell order (매도).</summary>
    Sell = '5',
}

/// <summary>
/// Yes or no, as a code: where the document says Y or N, other characters have been sent, e.g. 2. Unlisted codes are preserved.
/// </summary>
public enum YesNo : ulong
{
    /// <summary>Y.</summary>
    Yes = 'Y',

    /// <summary>N.</summary>
    No = 'N',
}

/// <summary>
/// The part of the trading day, and whether prices are expected ones (시간 구분 코드). Values are the characters of the broker's codes; unlisted codes are
/// preserved.
/// </summary>
public enum TradingPhase : ulong
{
    /// <summary>0: regular trading (장중).</summary>
    Regular = '0',

    /// <summary>A: expected prices after the close (장후예상).</summary>
    ExpectedAfterClose = 'A',

    /// <summary>B: expected prices before the opening (장전예상).</summary>
    ExpectedBeforeOpen = 'B',

    /// <summary>C: expected prices after nine o'clock, or in a volatility interruption (9시 이후의 예상가, VI 발동).</summary>
    ExpectedInSession = 'C',

    /// <summary>D: expected prices of the single-price session after hours (시간외 단일가 예상).</summary>
    ExpectedAfterHours = 'D',
}

/// <summary>
/// The session and the kind of a trade (신 장운영 구분 코드). The first character is the session, the second the kind of trade; combinations that are not
/// listed are preserved. Values are the characters of the broker's codes.
/// </summary>
public enum MarketOperation : ulong
{
    /// <summary>10: before the opening, ordinary trade (장개시전 보통).</summary>
    PreOpen = ('1' << 8) | '0',

    /// <summary>11: before the opening, at the previous closing price (장개시전 종가).</summary>
    PreOpenClosingPrice = ('1' << 8) | '1',

    /// <summary>12: before the opening, block trade (장개시전 대량).</summary>
    PreOpenBlock = ('1' << 8) | '2',

    /// <summary>13: before the opening, basket trade (장개시전 바스켓).</summary>
    PreOpenBasket = ('1' << 8) | '3',

    /// <summary>20: regular session, ordinary trade (장중 보통).</summary>
    Regular = ('2' << 8) | '0',

    /// <summary>22: regular session, block trade (장중 대량).</summary>
    RegularBlock = ('2' << 8) | '2',

    /// <summary>23: regular session, basket trade (장중 바스켓).</summary>
    RegularBasket = ('2' << 8) | '3',

    /// <summary>27: regular session, liquidation trade before delisting (장중 정리매매).</summary>
    RegularLiquidation = ('2' << 8) | '7',

    /// <summary>30: after the close, ordinary trade (장종료후 보통).</summary>
    AfterClose = ('3' << 8) | '0',

    /// <summary>31: after the close, at the closing price (장종료후 종가).</summary>
    AfterClosePrice = ('3' << 8) | '1',

    /// <summary>32: after the close, block trade (장종료후 대량).</summary>
    AfterCloseBlock = ('3' << 8) | '2',

    /// <summary>33: after the close, basket trade (장종료후 바스켓).</summary>
    AfterCloseBasket = ('3' << 8) | '3',

    /// <summary>40: single-price session after hours, ordinary trade (시간외단일가 보통).</summary>
    AfterHours = ('4' << 8) | '0',

    /// <summary>47: single-price session after hours, liquidation trade (시간외단일가 정리매매).</summary>
    AfterHoursLiquidation = ('4' << 8) | '7',

    /// <summary>78: buy-in (일반 Buy-in).</summary>
    BuyIn = ('7' << 8) | '8',

    /// <summary>88: buy-in on the same day (당일 Buy-in).</summary>
    SameDayBuyIn = ('8' << 8) | '8',
}

/// <summary>
/// The session of the market (시장 구분 코드), sent since 2026-09-14. Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum MarketSession : ulong
{
    /// <summary>1: before the regular session (프리마켓).</summary>
    PreMarket = '1',

    /// <summary>2: the regular session (정규장).</summary>
    Regular = '2',

    /// <summary>3: after the regular session (애프터마켓).</summary>
    AfterMarket = '3',

    /// <summary>5: closed (장마감).</summary>
    Closed = '5',
}
