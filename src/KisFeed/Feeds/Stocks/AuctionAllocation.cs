namespace KisFeed.Feeds;

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
