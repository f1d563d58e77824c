using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of a stock option with ten levels (주식옵션 실시간호가), 68 columns. The levels from the sixth on come after the totals.
/// Source: the broker's document 실시간-045.
/// </summary>
[Feed(
    "H0ZOASP0", Member = "Feed", Alias = "stock-options-book", Korean = "주식옵션 실시간호가", Market = FeedMarket.Options, Document = "실시간-045",
    KeyMeaning = "stock option code (단축종목코드)", KeyExample = "211V05059", KeyForm = "[0-9A-Z]{6,9}", MockSource = "API document 2026-09-11")]
public readonly partial record struct StockOptionOrderBook
{
    /// <summary>The short code of the option.</summary>
    [Column("optn_shrn_iscd", "종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [GroupColumn("optn_askp{0}", "옵션매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "KRW")]
    [GroupColumn("optn_bidp{0}", "옵션매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 5, Unit = "KRW")]
    [GroupColumn("askp_csnu{0}", "매도호가건수{0}", nameof(Asks), nameof(BookLevel.Orders), First = 1, Last = 5, Unit = "orders")]
    [GroupColumn("bidp_csnu{0}", "매수호가건수{0}", nameof(Bids), nameof(BookLevel.Orders), First = 1, Last = 5, Unit = "orders")]
    [GroupColumn("askp_rsqn{0}", "매도호가잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 5, Unit = "contracts")]
    [GroupColumn("bidp_rsqn{0}", "매수호가잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 5, Unit = "contracts")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("total_askp_csnu", "총매도호가건수", Unit = "orders")]
    public partial long? TotalAskOrders { get; init; }

    [Column("total_bidp_csnu", "총매수호가건수", Unit = "orders")]
    public partial long? TotalBidOrders { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "contracts")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "contracts")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("total_askp_rsqn_icdc", "총매도호가잔량증감", Unit = "contracts")]
    public partial long? TotalAskQuantityChange { get; init; }

    [Column("total_bidp_rsqn_icdc", "총매수호가잔량증감", Unit = "contracts")]
    [GroupColumn("optn_askp{0}", "옵션매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 6, Last = 10, Unit = "KRW")]
    [GroupColumn("optn_bidp{0}", "옵션매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 6, Last = 10, Unit = "KRW")]
    [GroupColumn("askp_csnu{0}", "매도호가건수{0}", nameof(Asks), nameof(BookLevel.Orders), First = 6, Last = 10, Unit = "orders")]
    [GroupColumn("bidp_csnu{0}", "매수호가건수{0}", nameof(Bids), nameof(BookLevel.Orders), First = 6, Last = 10, Unit = "orders")]
    [GroupColumn("askp_rsqn{0}", "매도호가잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 6, Last = 10, Unit = "contracts")]
    [GroupColumn("bidp_rsqn{0}", "매수호가잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 6, Last = 10, Unit = "contracts")]
    public partial long? TotalBidQuantityChange { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
