using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of an equity-linked warrant with ten levels, and the part of its liquidity provider (ELW 실시간호가), 73 columns. Source: the
/// broker's document 실시간-062, which lists the columns of the liquidity provider in this order.
/// </summary>
[Feed(
    "H0EWASP0", Member = "Feed", Alias = "elw-book", Korean = "ELW 실시간호가", Market = FeedMarket.Elw, Document = "실시간-062",
    KeyMeaning = "ELW code (종목코드)", KeyExample = "57JN53", KeyForm = "[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
public readonly partial record struct ElwOrderBook
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
    [GroupColumn("askp_rsqn{0}", "매도호가잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "warrants")]
    [GroupColumn("bidp_rsqn{0}", "매수호가잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 10, Unit = "warrants")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "warrants")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "warrants")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("antc_cnpr", "예상체결가", Unit = "KRW")]
    public partial decimal? ExpectedPrice { get; init; }

    [Column("antc_cnqn", "예상체결량", Unit = "warrants")]
    public partial long? ExpectedQuantity { get; init; }

    [Column("antc_cntg_vrss_sign", "예상체결대비부호")]
    public partial ChangeSign? ExpectedSign { get; init; }

    [Column("antc_cntg_vrss", "예상체결대비", Unit = "KRW")]
    public partial decimal? ExpectedChange { get; init; }

    [Column("antc_cntg_prdy_ctrt", "예상체결전일대비율", Unit = "%")]
    [GroupColumn("lp_askp_rsqn{0}", "LP매도호가잔량{0}", nameof(Asks), nameof(BookLevel.LpQuantity), First = 1, Last = 3, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn4", "LP매수호가잔량4", nameof(Bids), nameof(BookLevel.LpQuantity), First = 4, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn4", "LP매도호가잔량4", nameof(Asks), nameof(BookLevel.LpQuantity), First = 4, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn5", "LP매수호가잔량5", nameof(Bids), nameof(BookLevel.LpQuantity), First = 5, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn5", "LP매도호가잔량5", nameof(Asks), nameof(BookLevel.LpQuantity), First = 5, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn6", "LP매수호가잔량6", nameof(Bids), nameof(BookLevel.LpQuantity), First = 6, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn6", "LP매도호가잔량6", nameof(Asks), nameof(BookLevel.LpQuantity), First = 6, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn7", "LP매수호가잔량7", nameof(Bids), nameof(BookLevel.LpQuantity), First = 7, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn{0}", "LP매도호가잔량{0}", nameof(Asks), nameof(BookLevel.LpQuantity), First = 7, Last = 8, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn8", "LP매수호가잔량8", nameof(Bids), nameof(BookLevel.LpQuantity), First = 8, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn9", "LP매도호가잔량9", nameof(Asks), nameof(BookLevel.LpQuantity), First = 9, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn9", "LP매수호가잔량9", nameof(Bids), nameof(BookLevel.LpQuantity), First = 9, Unit = "warrants")]
    [GroupColumn("lp_askp_rsqn10", "LP매도호가잔량10", nameof(Asks), nameof(BookLevel.LpQuantity), First = 10, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn10", "LP매수호가잔량10", nameof(Bids), nameof(BookLevel.LpQuantity), First = 10, Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn1", "LP매수호가잔량1", nameof(Bids), nameof(BookLevel.LpQuantity), First = 1, Unit = "warrants")]
    public partial decimal? ExpectedChangeRate { get; init; }

    /// <summary>The quantity of all offers of the liquidity provider.</summary>
    [Column("lp_total_askp_rsqn", "LP총매도호가잔량", Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn2", "LP매수호가잔량2", nameof(Bids), nameof(BookLevel.LpQuantity), First = 2, Unit = "warrants")]
    public partial long? LpTotalAskQuantity { get; init; }

    /// <summary>The quantity of all bids of the liquidity provider.</summary>
    [Column("lp_total_bidp_rsqn", "LP총매수호가잔량", Unit = "warrants")]
    [GroupColumn("lp_bidp_rsqn3", "LP매수호가잔량3", nameof(Bids), nameof(BookLevel.LpQuantity), First = 3, Unit = "warrants")]
    public partial long? LpTotalBidQuantity { get; init; }

    [Column("antc_vol", "예상거래량", Unit = "warrants")]
    public partial long? ExpectedVolume { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
