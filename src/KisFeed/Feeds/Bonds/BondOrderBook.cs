using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of an exchange-traded bond with five levels (일반채권 실시간호가), 34 columns. Source: the broker's document 실시간-053; it misspells
/// two elements of the fifth level, which are kept here.
/// </summary>
[Feed(
    "H0BJASP0", Member = "Feed", Alias = "bond-book", Korean = "일반채권 실시간호가", Market = FeedMarket.Bonds, Document = "실시간-053",
    KeyMeaning = "standard code (표준종목코드)", KeyExample = "KR103502GA34", KeyForm = "[A-Z]{2}[0-9A-Z]{10}",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct BondOrderBook
{
    /// <summary>The standard code of the bond, 12 characters.</summary>
    [Column("stnd_iscd", "표준종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("stck_cntg_hour", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [GroupColumn("askp_ert{0}", "매도호가수익률{0}", nameof(Asks), nameof(BookLevel.Yield), First = 1, Last = 4, Interleaved = true, Unit = "%")]
    [GroupColumn("bidp_ert{0}", "매수호가수익률{0}", nameof(Bids), nameof(BookLevel.Yield), First = 1, Last = 4, Interleaved = true, Unit = "%")]
    [GroupColumn(
        "askp{0}", "매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 4, Interleaved = true, Unit = "KRW per 10,000 face")]
    [GroupColumn(
        "bidp{0}", "매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 4, Interleaved = true, Unit = "KRW per 10,000 face")]
    [GroupColumn(
        "askp_rsqn{0}", "매도호가잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 4, Interleaved = true,
        Unit = "1,000 KRW face")]
    [GroupColumn(
        "bidp_rsqn{0}", "매수호가잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 4, Interleaved = true,
        Unit = "1,000 KRW face")]
    [GroupColumn("askp_ert5", "매도호가수익률5", nameof(Asks), nameof(BookLevel.Yield), First = 5, Unit = "%")]
    [GroupColumn("bidp_ert5", "매수호가수익률5", nameof(Bids), nameof(BookLevel.Yield), First = 5, Unit = "%")]
    [GroupColumn("askp5", "매도호가5", nameof(Asks), nameof(BookLevel.Price), First = 5, Unit = "KRW per 10,000 face")]
    [GroupColumn("bidp5", "매수호가5", nameof(Bids), nameof(BookLevel.Price), First = 5, Unit = "KRW per 10,000 face")]
    [GroupColumn("askp_rsqn52", "매도호가잔량5", nameof(Asks), nameof(BookLevel.Quantity), First = 5, Unit = "1,000 KRW face")]
    [GroupColumn("bidp_rsqn53", "매수호가잔량5", nameof(Bids), nameof(BookLevel.Quantity), First = 5, Unit = "1,000 KRW face")]
    public partial Repeated<BookLevel> Asks { get; init; }

    public partial Repeated<BookLevel> Bids { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "1,000 KRW face")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "1,000 KRW face")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
