namespace KisFeed.Feeds;

/// <summary>
/// When expected prices begin and end (예상장운영구분코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum ExpectedOperation : ulong
{
    /// <summary>112: expected prices before the opening end.</summary>
    [CodeName("장전예상종료")]
    PreOpenEnd = ('1' << 16) | ('1' << 8) | '2',

    /// <summary>121: expected prices before the close begin.</summary>
    [CodeName("장후예상시작")]
    PostCloseStart = ('1' << 16) | ('2' << 8) | '1',

    /// <summary>129: expected prices before the close end.</summary>
    [CodeName("장후예상종료")]
    PostCloseEnd = ('1' << 16) | ('2' << 8) | '9',

    /// <summary>311: expected prices before the opening, or in a volatility interruption, begin.</summary>
    [CodeName("장전예상시작")]
    PreOpenStart = ('3' << 16) | ('1' << 8) | '1',
}

/// <summary>
/// The random end of an auction (임의연장구분코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum AuctionExtension : ulong
{
    /// <summary>1: set for the opening auction.</summary>
    [CodeName("시초동시 임의종료 지정")]
    OpeningSet = '1',

    /// <summary>2: released for the opening auction.</summary>
    [CodeName("시초동시 임의종료 해제")]
    OpeningReleased = '2',

    /// <summary>3: set for the closing auction.</summary>
    [CodeName("마감동시 임의종료 지정")]
    ClosingSet = '3',

    /// <summary>4: released for the closing auction.</summary>
    [CodeName("마감동시 임의종료 해제")]
    ClosingReleased = '4',

    /// <summary>5: set for the after-hours single price.</summary>
    [CodeName("시간외단일가임의종료 지정")]
    AfterHoursSet = '5',

    /// <summary>6: released for the after-hours single price.</summary>
    [CodeName("시간외단일가임의종료 해제")]
    AfterHoursReleased = '6',
}

/// <summary>
/// How the orders of a call auction at a price limit are allocated (동시호가배분처리구분코드): begun or released, and on which side.
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum AuctionAllocation : ulong
{
    /// <summary>11: allocation begun, buy orders at the upper limit.</summary>
    [CodeName("배분개시 매수상한")]
    StartedBuyUpper = ('1' << 8) | '1',

    /// <summary>12: allocation begun, buy orders at the lower limit.</summary>
    [CodeName("배분개시 매수하한")]
    StartedBuyLower = ('1' << 8) | '2',

    /// <summary>13: allocation begun, sell orders at the upper limit.</summary>
    [CodeName("배분개시 매도상한")]
    StartedSellUpper = ('1' << 8) | '3',

    /// <summary>14: allocation begun, sell orders at the lower limit.</summary>
    [CodeName("배분개시 매도하한")]
    StartedSellLower = ('1' << 8) | '4',

    /// <summary>21: allocation released, buy orders at the upper limit.</summary>
    [CodeName("배분해제 매수상한")]
    ReleasedBuyUpper = ('2' << 8) | '1',

    /// <summary>22: allocation released, buy orders at the lower limit.</summary>
    [CodeName("배분해제 매수하한")]
    ReleasedBuyLower = ('2' << 8) | '2',

    /// <summary>23: allocation released, sell orders at the upper limit.</summary>
    [CodeName("배분해제 매도상한")]
    ReleasedSellUpper = ('2' << 8) | '3',

    /// <summary>24: allocation released, sell orders at the lower limit.</summary>
    [CodeName("배분해제 매도하한")]
    ReleasedSellLower = ('2' << 8) | '4',
}
