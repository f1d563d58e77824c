using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of overseas futures or options with five levels (해외선물옵션 실시간호가), 35 columns. No sample frame is published.
/// Source: the broker's document 실시간-018.
/// </summary>
[Feed(
    "HDFFF010", Member = "Feed", Alias = "overseas-futures-book", Korean = "해외선물옵션 실시간호가", Market = FeedMarket.Overseas,
    Document = "실시간-018", KeyMeaning = "contract code (종목코드)", KeyExample = "ESZ26", KeyForm = "[0-9A-Z]{4,16}( [CP][0-9.]{1,14})?",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasFuturesOrderBook
{
    /// <summary>The code of the contract.</summary>
    [Column("series_cd", "종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The date of receipt.</summary>
    [Column("recv_date", "수신일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The time of receipt.</summary>
    [Column("recv_time", "수신시각", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The previous close.</summary>
    [Column("prev_price", "전일종가", IsScaled = true)]
    public partial decimal? PreviousClose { get; init; }

    [GroupColumn(
        "bid_qntt_{0}", "매수{0}수량", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 5, Interleaved = true, Unit = "contracts")]
    [GroupColumn(
        "bid_num_{0}", "매수{0}번호", nameof(Bids), nameof(BookLevel.Orders), First = 1, Last = 5, Interleaved = true, Unit = "orders")]
    [GroupColumn(
        "bid_price_{0}", "매수{0}호가", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 5, Interleaved = true, IsScaled = true)]
    [GroupColumn(
        "ask_qntt_{0}", "매도{0}수량", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 5, Interleaved = true, Unit = "contracts")]
    [GroupColumn(
        "ask_num_{0}", "매도{0}번호", nameof(Asks), nameof(BookLevel.Orders), First = 1, Last = 5, Interleaved = true, Unit = "orders")]
    [GroupColumn(
        "ask_price_{0}", "매도{0}호가", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 5, Interleaved = true, IsScaled = true)]
    public partial Repeated<BookLevel> Bids { get; init; }

    public partial Repeated<BookLevel> Asks { get; init; }

    /// <summary>The settlement price of the previous day.</summary>
    [Column("sttl_price", "전일정산가", IsScaled = true)]
    public partial decimal? PreviousSettlement { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
