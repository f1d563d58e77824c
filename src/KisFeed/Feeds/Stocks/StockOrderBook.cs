using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of a stock with ten levels (국내주식 실시간호가). KRX has 59 columns, and 62 or 63 since it has a mid price; NXT and the
/// consolidated book have 65 with the mid prices of both, of which NXT later lost those of the KRX, and the consolidated book 66. Source:
/// the broker's document 실시간-004, and reports of the later widths.
/// </summary>
[Feed(
    "H0UNASP0", Member = "Consolidated", Alias = "book", Korean = "국내주식 실시간호가 (통합)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0STASP0", MockTrId = "H0STASP0", Member = "Krx", Alias = "book-krx", Korean = "국내주식 실시간호가 (KRX)", Market = FeedMarket.Stocks,
    Document = "실시간-004", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0NXASP0", Member = "Nxt", Alias = "book-nxt", Korean = "국내주식 실시간호가 (NXT)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Revision("..STCK_DEAL_CLS_CODE", TrId = "H0STASP0")]
[Revision("..STCK_DEAL_CLS_CODE", "MID_PRC..MIDP_CLS_CODE", TrId = "H0STASP0")]
[Revision("..STCK_DEAL_CLS_CODE", "MID_PRC..MARKET_CLS_CODE", TrId = "H0STASP0")]
[Revision("..STCK_DEAL_CLS_CODE", "NMID_PRC..NMID_CLS_CODE", TrId = "H0NXASP0", IsCurrent = true)]
[Revision("..NMID_CLS_CODE", TrId = "H0NXASP0")]
[Revision("..NMID_CLS_CODE", TrId = "H0UNASP0")]
[Revision("..NMID_CLS_CODE", "ANTC_EXCH_CLS_CODE", TrId = "H0UNASP0")]
public readonly partial record struct StockOrderBook
{
    /// <summary>The short code of the stock.</summary>
    [Column("MKSC_SHRN_ISCD", "유가증권 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("BSOP_HOUR", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("HOUR_CLS_CODE", "시간 구분 코드")]
    public partial TradingPhase? Phase { get; init; }

    [GroupColumn("ASKP{0}", "매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 10, Unit = "KRW")]
    [GroupColumn("BIDP{0}", "매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 10, Unit = "KRW")]
    [GroupColumn("ASKP_RSQN{0}", "매도호가 잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "shares")]
    [GroupColumn("BIDP_RSQN{0}", "매수호가 잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "shares")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("TOTAL_ASKP_RSQN", "총 매도호가 잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("TOTAL_BIDP_RSQN", "총 매수호가 잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary>The quantity of all offers after hours.</summary>
    [Column("OVTM_TOTAL_ASKP_RSQN", "시간외 총 매도호가 잔량", Unit = "shares")]
    public partial long? AfterHoursTotalAskQuantity { get; init; }

    /// <summary>The quantity of all bids after hours.</summary>
    [Column("OVTM_TOTAL_BIDP_RSQN", "시간외 총 매수호가 잔량", Unit = "shares")]
    public partial long? AfterHoursTotalBidQuantity { get; init; }

    [Column("ANTC_CNPR", "예상 체결가", Unit = "KRW")]
    public partial decimal? ExpectedPrice { get; init; }

    [Column("ANTC_CNQN", "예상 체결량", Unit = "shares")]
    public partial long? ExpectedQuantity { get; init; }

    [Column("ANTC_VOL", "예상 거래량", Unit = "shares")]
    public partial long? ExpectedVolume { get; init; }

    [Column("ANTC_CNTG_VRSS", "예상 체결 대비", Unit = "KRW")]
    public partial decimal? ExpectedChange { get; init; }

    [Column("ANTC_CNTG_VRSS_SIGN", "예상 체결 대비 부호")]
    public partial ChangeSign? ExpectedSign { get; init; }

    [Column("ANTC_CNTG_PRDY_CTRT", "예상 체결 전일 대비율", Unit = "%")]
    public partial decimal? ExpectedChangeRate { get; init; }

    [Column("ACML_VOL", "누적 거래량", Unit = "shares")]
    public partial long? AccumulatedVolume { get; init; }

    [Column("TOTAL_ASKP_RSQN_ICDC", "총 매도호가 잔량 증감", Unit = "shares")]
    public partial long? TotalAskQuantityChange { get; init; }

    [Column("TOTAL_BIDP_RSQN_ICDC", "총 매수호가 잔량 증감", Unit = "shares")]
    public partial long? TotalBidQuantityChange { get; init; }

    /// <summary>The change of <see cref="AfterHoursTotalAskQuantity"/> since the previous update.</summary>
    [Column("OVTM_TOTAL_ASKP_ICDC", "시간외 총 매도호가 증감", Unit = "shares")]
    public partial long? AfterHoursTotalAskQuantityChange { get; init; }

    /// <summary>The change of <see cref="AfterHoursTotalBidQuantity"/> since the previous update.</summary>
    [Column("OVTM_TOTAL_BIDP_ICDC", "시간외 총 매수호가 증감", Unit = "shares")]
    public partial long? AfterHoursTotalBidQuantityChange { get; init; }

    /// <summary>The code of the kind of trade; no longer used by the broker.</summary>
    [Column("STCK_DEAL_CLS_CODE", "주식 매매 구분 코드")]
    public partial string? DealCode { get; init; }

    /// <summary>The mid price of the KRX.</summary>
    [Column("KMID_PRC", "KRX 중간가", Unit = "KRW")]
    public partial decimal? KrxMidPrice { get; init; }

    /// <summary>The quantity of all mid-price orders at the KRX.</summary>
    [Column("KMID_TOTAL_RSQN", "KRX 중간가잔량합계수량", Unit = "shares")]
    public partial long? KrxMidQuantity { get; init; }

    /// <summary>The side of the mid-price orders at the KRX; the codes are not documented.</summary>
    [Column("KMID_CLS_CODE", "KRX 중간가 매수매도 구분")]
    public partial string? KrxMidSide { get; init; }

    /// <summary>The mid price of the NXT.</summary>
    [Column("NMID_PRC", "NXT 중간가", Unit = "KRW")]
    public partial decimal? NxtMidPrice { get; init; }

    /// <summary>The quantity of all mid-price orders at the NXT.</summary>
    [Column("NMID_TOTAL_RSQN", "NXT 중간가잔량합계수량", Unit = "shares")]
    public partial long? NxtMidQuantity { get; init; }

    /// <summary>The side of the mid-price orders at the NXT; the codes are not documented.</summary>
    [Column("NMID_CLS_CODE", "NXT 중간가 매수매도 구분")]
    public partial string? NxtMidSide { get; init; }

    /// <summary>The mid price.</summary>
    [Column("MID_PRC", "중간가", Unit = "KRW")]
    public partial decimal? MidPrice { get; init; }

    /// <summary>The quantity of all mid-price orders.</summary>
    [Column("MIDP_TOTAL_RSQN", "중간가 잔량 합계 수량", Unit = "shares")]
    public partial long? MidQuantity { get; init; }

    /// <summary>The side of the mid-price orders; the codes are not documented.</summary>
    [Column("MIDP_CLS_CODE", "중간가 매수매도 구분")]
    public partial string? MidSide { get; init; }

    [Column("MARKET_CLS_CODE", "시장 구분 코드")]
    public partial MarketSession? Session { get; init; }

    /// <summary>The exchange that the expected price is of, in the consolidated book.</summary>
    [Column("ANTC_EXCH_CLS_CODE", "예상체결 거래소구분")]
    public partial ExpectedPriceExchange? ExpectedExchange { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}

/// <summary>
/// The exchange that an expected price is of (예상체결 거래소구분). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum ExpectedPriceExchange : ulong
{
    /// <summary>1: KRX.</summary>
    [CodeName("KRX")]
    Krx = '1',

    /// <summary>2: NXT.</summary>
    [CodeName("NXT")]
    Nxt = '2',
}
