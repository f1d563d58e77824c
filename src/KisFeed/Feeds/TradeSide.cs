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
/// The session of the market (시장 구분 코드), sent since 2026-09-14. Values are the characters of the broker's
/// codes; unlisted codes are preserved.
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
