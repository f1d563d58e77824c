using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of an index option, or of an option of the night session, with five levels (지수옵션, KRX야간옵션 실시간호가), 38 columns. Source: the
/// broker's documents 실시간-015 and 실시간-033.
/// </summary>
[Feed(
    "H0IOASP0", Member = "Index", Alias = "options-book", Korean = "지수옵션 실시간호가", Market = FeedMarket.Options, Document = "실시간-015",
    KeyMeaning = "index option code (단축종목코드)", KeyExample = "201S11305", KeyForm = "[0-9A-Z]{6,9}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0EUASP0", Member = "Night", Alias = "night-options-book", Korean = "KRX야간옵션 실시간호가", Market = FeedMarket.NightSession,
    Document = "실시간-033", KeyMeaning = "night option code (단축종목코드)", KeyExample = "301V06362", KeyForm = "[0-9A-Z]{6,9}",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct OptionOrderBook
{
    /// <summary>The short code of the option.</summary>
    [Column("optn_shrn_iscd", "옵션 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [GroupColumn("optn_askp{0}", "옵션 매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "points")]
    [GroupColumn("optn_bidp{0}", "옵션 매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "points")]
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
