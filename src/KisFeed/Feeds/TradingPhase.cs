namespace KisFeed.Feeds;

/// <summary>
/// The part of the trading day, and whether prices are expected ones (시간 구분 코드). Values are the characters of the broker's
/// codes; unlisted codes are preserved.
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
