using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of a stock in the single-price session after hours (국내주식 시간외 실시간호가), 58 columns with ten levels. The document's table has
/// nine levels, 54 columns; its frame has ten. Source: the broker's document 실시간-025.
/// </summary>
[Feed(
    "H0STOAA0", Member = "Feed", Alias = "after-hours-book", Korean = "국내주식 시간외 실시간호가 (KRX)", Market = FeedMarket.Stocks,
    Document = "실시간-025", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}",
    MockSource = "API document 2026-09-11")]
[Revision("..ASKP9", "BIDP1..BIDP9", "ASKP_RSQN1..ASKP_RSQN9", "BIDP_RSQN1..BIDP_RSQN9", "TOTAL_ASKP_RSQN..OVTM_TOTAL_BIDP_ICDC")]
public readonly partial record struct AfterHoursOrderBook
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("hour_cls_code", "시간구분코드")]
    public partial TradingPhase? Phase { get; init; }

    [GroupColumn("askp{0}", "매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 10, Unit = "KRW")]
    [GroupColumn("bidp{0}", "매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 10, Unit = "KRW")]
    [GroupColumn("askp_rsqn{0}", "매도호가잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "shares")]
    [GroupColumn("bidp_rsqn{0}", "매수호가잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "shares")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary>The quantity of all offers after hours.</summary>
    [Column("ovtm_total_askp_rsqn", "시간외총매도호가잔량", Unit = "shares")]
    public partial long? AfterHoursTotalAskQuantity { get; init; }

    /// <summary>The quantity of all bids after hours.</summary>
    [Column("ovtm_total_bidp_rsqn", "시간외총매수호가잔량", Unit = "shares")]
    public partial long? AfterHoursTotalBidQuantity { get; init; }

    [Column("antc_cnpr", "예상체결가", Unit = "KRW")]
    public partial decimal? ExpectedPrice { get; init; }

    [Column("antc_cnqn", "예상체결량", Unit = "shares")]
    public partial long? ExpectedQuantity { get; init; }

    [Column("antc_vol", "예상거래량", Unit = "shares")]
    public partial long? ExpectedVolume { get; init; }

    [Column("antc_cntg_vrss", "예상체결대비", Unit = "KRW")]
    public partial decimal? ExpectedChange { get; init; }

    [Column("antc_cntg_vrss_sign", "예상체결대비부호")]
    public partial ChangeSign? ExpectedSign { get; init; }

    [Column("antc_cntg_prdy_ctrt", "예상체결전일대비율", Unit = "%")]
    public partial decimal? ExpectedChangeRate { get; init; }

    [Column("acml_vol", "누적거래량", Unit = "shares")]
    public partial long? AccumulatedVolume { get; init; }

    [Column("total_askp_rsqn_icdc", "총매도호가잔량증감", Unit = "shares")]
    public partial long? TotalAskQuantityChange { get; init; }

    [Column("total_bidp_rsqn_icdc", "총매수호가잔량증감", Unit = "shares")]
    public partial long? TotalBidQuantityChange { get; init; }

    /// <summary>The change of <see cref="AfterHoursTotalAskQuantity"/> since the previous update.</summary>
    [Column("ovtm_total_askp_icdc", "시간외총매도호가증감", Unit = "shares")]
    public partial long? AfterHoursTotalAskQuantityChange { get; init; }

    /// <summary>The change of <see cref="AfterHoursTotalBidQuantity"/> since the previous update.</summary>
    [Column("ovtm_total_bidp_icdc", "시간외총매수호가증감", Unit = "shares")]
    public partial long? AfterHoursTotalBidQuantityChange { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
