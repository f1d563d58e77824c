using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of index or commodity futures, or of futures of the night session, with five levels (지수선물, 상품선물, KRX야간선물 실시간호가), 38
/// columns. The published frame of the night session has eight more, without names, and a surplus separator. Source: the broker's
/// documents 실시간-011, 실시간-023 and 실시간-065.
/// </summary>
[Feed(
    "H0IFASP0", Member = "Index", Alias = "futures-book", Korean = "지수선물 실시간호가", Market = FeedMarket.Futures, Document = "실시간-011",
    KeyMeaning = "index futures code (단축종목코드)", KeyExample = "101S12", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0CFASP0", Member = "Commodity", Alias = "commodity-futures-book", Korean = "상품선물 실시간호가", Market = FeedMarket.Futures,
    Document = "실시간-023", KeyMeaning = "commodity futures code (단축종목코드)", KeyExample = "175V06", KeyForm = "[0-9A-Z]{6,9}",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0MFASP0", Member = "Night", Alias = "night-futures-book", Korean = "KRX야간선물 실시간호가", Market = FeedMarket.NightSession,
    Document = "실시간-065", KeyMeaning = "night futures code (단축종목코드)", KeyExample = "101V06", KeyForm = "[0-9A-Z]{6,9}",
    PriceUnit = "points", MockSource = "API document 2026-09-11")]
public readonly partial record struct FuturesOrderBook
{
    /// <summary>The short code of the futures contract.</summary>
    [Column("futs_shrn_iscd", "선물 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [GroupColumn("futs_askp{0}", "선물 매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "{price}")]
    [GroupColumn("futs_bidp{0}", "선물 매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "{price}")]
    [GroupColumn("askp_csnu{0}", "매도호가 건수{0}", nameof(Asks), nameof(BookLevel.Orders), First = 1, Last = 5, Unit = "orders")]
    [GroupColumn("bidp_csnu{0}", "매수호가 건수{0}", nameof(Bids), nameof(BookLevel.Orders), First = 1, Last = 5, Unit = "orders")]
    [GroupColumn("askp_rsqn{0}", "매도호가 잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 5, Unit = "contracts")]
    [GroupColumn("bidp_rsqn{0}", "매수호가 잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 5, Unit = "contracts")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("total_askp_csnu", "총 매도호가 건수", Unit = "orders")]
    public partial long? TotalAskOrders { get; init; }

    [Column("total_bidp_csnu", "총 매수호가 건수", Unit = "orders")]
    public partial long? TotalBidOrders { get; init; }

    [Column("total_askp_rsqn", "총 매도호가 잔량", Unit = "contracts")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총 매수호가 잔량", Unit = "contracts")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("total_askp_rsqn_icdc", "총 매도호가 잔량 증감", Unit = "contracts")]
    public partial long? TotalAskQuantityChange { get; init; }

    [Column("total_bidp_rsqn_icdc", "총 매수호가 잔량 증감", Unit = "contracts")]
    public partial long? TotalBidQuantityChange { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
