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
