namespace KisFeed.Feeds;

/// <summary>
/// An event in the operation of the market of a stock (장운영구분코드): sessions, circuit breakers, sidecars and countdowns.
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum StockOperation : ulong
{
    /// <summary>110: the auction before the opening begins.</summary>
    [CodeName("장전 동시호가 개시")]
    OpeningAuctionStart = ('1' << 16) | ('1' << 8) | '0',

    /// <summary>112: trading begins.</summary>
    [CodeName("장개시")]
    Open = ('1' << 16) | ('1' << 8) | '2',

    /// <summary>121: the auction before the close begins.</summary>
    [CodeName("장후 동시호가 개시")]
    ClosingAuctionStart = ('1' << 16) | ('2' << 8) | '1',

    /// <summary>129: trading ends.</summary>
    [CodeName("장마감")]
    Close = ('1' << 16) | ('2' << 8) | '9',

    /// <summary>130: trading before the opening begins.</summary>
    [CodeName("장개시전시간외개시")]
    PreOpenTradingStart = ('1' << 16) | ('3' << 8) | '0',

    /// <summary>139: trading before the opening ends.</summary>
    [CodeName("장개시전시간외종료")]
    PreOpenTradingEnd = ('1' << 16) | ('3' << 8) | '9',

    /// <summary>140: after-hours trading at the closing price begins.</summary>
    [CodeName("시간외 종가 매매 개시")]
    ClosingPriceTradingStart = ('1' << 16) | ('4' << 8) | '0',

    /// <summary>146: after-hours trading at the closing price is matched.</summary>
    [CodeName("장종료후시간외 체결지시")]
    ClosingPriceTradingMatch = ('1' << 16) | ('4' << 8) | '6',

    /// <summary>149: after-hours trading at the closing price ends.</summary>
    [CodeName("시간외 종가 매매 종료")]
    ClosingPriceTradingEnd = ('1' << 16) | ('4' << 8) | '9',

    /// <summary>150: after-hours single-price trading begins.</summary>
    [CodeName("시간외 단일가 매매 개시")]
    AfterHoursAuctionStart = ('1' << 16) | ('5' << 8) | '0',

    /// <summary>156: after-hours single-price trading is matched.</summary>
    [CodeName("시간외단일가 체결지시")]
    AfterHoursAuctionMatch = ('1' << 16) | ('5' << 8) | '6',

    /// <summary>159: after-hours single-price trading ends.</summary>
    [CodeName("시간외 단일가 매매 종료")]
    AfterHoursAuctionEnd = ('1' << 16) | ('5' << 8) | '9',

    /// <summary>164: the market is suspended.</summary>
    [CodeName("시장임시정지")]
    MarketSuspended = ('1' << 16) | ('6' << 8) | '4',

    /// <summary>174: a circuit breaker is triggered.</summary>
    [CodeName("서킷브레이크 발동")]
    CircuitBreakerTriggered = ('1' << 16) | ('7' << 8) | '4',

    /// <summary>175: a circuit breaker is released.</summary>
    [CodeName("서킷브레이크 해제")]
    CircuitBreakerReleased = ('1' << 16) | ('7' << 8) | '5',

    /// <summary>182: a circuit breaker ends with the closing auction.</summary>
    [CodeName("서킷브레이크 장중동시마감")]
    CircuitBreakerClosingAuction = ('1' << 16) | ('8' << 8) | '2',

    /// <summary>184: a circuit breaker begins.</summary>
    [CodeName("서킷브레이크 개시")]
    CircuitBreakerStart = ('1' << 16) | ('8' << 8) | '4',

    /// <summary>185: a circuit breaker is released.</summary>
    [CodeName("서킷브레이크 해제")]
    CircuitBreakerEnd = ('1' << 16) | ('8' << 8) | '5',

    /// <summary>387: a sidecar on sell orders is triggered.</summary>
    [CodeName("사이드카 매도발동")]
    SellSidecarTriggered = ('3' << 16) | ('8' << 8) | '7',

    /// <summary>388: a sidecar on sell orders is released.</summary>
    [CodeName("사이드카 매도발동해제")]
    SellSidecarReleased = ('3' << 16) | ('8' << 8) | '8',

    /// <summary>397: a sidecar on buy orders is triggered.</summary>
    [CodeName("사이드카 매수발동")]
    BuySidecarTriggered = ('3' << 16) | ('9' << 8) | '7',

    /// <summary>398: a sidecar on buy orders is released.</summary>
    [CodeName("사이드카 매수발동해제")]
    BuySidecarReleased = ('3' << 16) | ('9' << 8) | '8',

    /// <summary>F01: ten seconds before the opening.</summary>
    [CodeName("장개시 10초전")]
    TenSecondsToOpen = ('F' << 16) | ('0' << 8) | '1',

    /// <summary>F06: one minute before the opening.</summary>
    [CodeName("장개시 1분전")]
    OneMinuteToOpen = ('F' << 16) | ('0' << 8) | '6',

    /// <summary>F07: five minutes before the opening.</summary>
    [CodeName("장개시 5분전")]
    FiveMinutesToOpen = ('F' << 16) | ('0' << 8) | '7',

    /// <summary>F08: ten minutes before the opening.</summary>
    [CodeName("장개시 10분전")]
    TenMinutesToOpen = ('F' << 16) | ('0' << 8) | '8',

    /// <summary>F09: three minutes before the opening.</summary>
    [CodeName("장개시 3분전")]
    ThreeMinutesToOpen = ('F' << 16) | ('0' << 8) | '9',

    /// <summary>F11: ten seconds before the close.</summary>
    [CodeName("장마감 10초전")]
    TenSecondsToClose = ('F' << 16) | ('1' << 8) | '1',

    /// <summary>F16: one minute before the close.</summary>
    [CodeName("장마감 1분전")]
    OneMinuteToClose = ('F' << 16) | ('1' << 8) | '6',

    /// <summary>F17: five minutes before the close.</summary>
    [CodeName("장마감 5분전")]
    FiveMinutesToClose = ('F' << 16) | ('1' << 8) | '7',

    /// <summary>F18: three minutes before the close.</summary>
    [CodeName("장마감 3분전")]
    ThreeMinutesToClose = ('F' << 16) | ('1' << 8) | '8',

    /// <summary>P01: ten seconds before the opening (a second code with the same name in the document).</summary>
    [CodeName("장개시 10초전")]
    TenSecondsToOpenP = ('P' << 16) | ('0' << 8) | '1',

    /// <summary>P06: one minute before the opening (a second code with the same name in the document).</summary>
    [CodeName("장개시 1분전")]
    OneMinuteToOpenP = ('P' << 16) | ('0' << 8) | '6',

    /// <summary>P07: five minutes before the opening (a second code with the same name in the document).</summary>
    [CodeName("장개시 5분전")]
    FiveMinutesToOpenP = ('P' << 16) | ('0' << 8) | '7',

    /// <summary>P08: ten minutes before the opening (a second code with the same name in the document).</summary>
    [CodeName("장개시 10분전")]
    TenMinutesToOpenP = ('P' << 16) | ('0' << 8) | '8',

    /// <summary>P09: thirty minutes before the opening (a second code with the same name in the document).</summary>
    [CodeName("장개시 30분전")]
    ThirtyMinutesToOpenP = ('P' << 16) | ('0' << 8) | '9',

    /// <summary>P11: ten seconds before the close (a second code with the same name in the document).</summary>
    [CodeName("장마감 10초전")]
    TenSecondsToCloseP = ('P' << 16) | ('1' << 8) | '1',

    /// <summary>P16: one minute before the close (a second code with the same name in the document).</summary>
    [CodeName("장마감 1분전")]
    OneMinuteToCloseP = ('P' << 16) | ('1' << 8) | '6',

    /// <summary>P17: five minutes before the close (a second code with the same name in the document).</summary>
    [CodeName("장마감 5분전")]
    FiveMinutesToCloseP = ('P' << 16) | ('1' << 8) | '7',

    /// <summary>P18: three minutes before the close (a second code with the same name in the document).</summary>
    [CodeName("장마감 3분전")]
    ThreeMinutesToCloseP = ('P' << 16) | ('1' << 8) | '8',
}
