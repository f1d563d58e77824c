using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The order book of an overseas stock with ten levels (해외주식 실시간호가), 71 columns. Prices are in the currency of the exchange.
/// Source: the broker's document 실시간-021.
/// </summary>
[Feed(
    "HDFSASP0", Member = "Feed", Alias = "us-book", Korean = "해외주식 실시간호가", Market = FeedMarket.Overseas, Document = "실시간-021",
    KeyMeaning = "exchange and symbol, e.g. D + NAS + AAPL; R instead of D by day (실시간종목코드)", KeyExample = "DNASAAPL",
    KeyForm = "(D(NAS|NYS|AMS)|R(NAS|NYS|AMS|HKS|TSE|SHS|SZS|HSX|HNX|BAQ|BAY|BAA))[0-9A-Z./-]{1,12}", KeyPrefix = "DNAS",
    DayTimePrefixes = "DNAS=RBAQ,DNYS=RBAY,DAMS=RBAA", MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasOrderBook
{
    /// <summary>The real-time code, the key of the registration: the kind of data, the exchange and the symbol.</summary>
    [Column("rsym", "실시간종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The symbol at the exchange.</summary>
    [Column("symb", "종목코드")]
    public partial string? Symbol { get; init; }

    [Column("zdiv", "소숫점자리수", Unit = "digits")]
    public partial long? PriceScale { get; init; }

    [Column("xymd", "현지일자")]
    public partial DateOnly? LocalDate { get; init; }

    [Column("xhms", "현지시간")]
    public partial TimeOnly? LocalTime { get; init; }

    /// <summary>The date in Korea.</summary>
    [Column("kymd", "한국일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The time in Korea.</summary>
    [Column("khms", "한국시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("bvol", "매수총잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("avol", "매도총잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("bdvl", "매수총잔량대비", Unit = "shares")]
    public partial long? TotalBidQuantityChange { get; init; }

    [Column("advl", "매도총잔량대비", Unit = "shares")]
    public partial long? TotalAskQuantityChange { get; init; }

    [GroupColumn("pbid{0}", "매수호가{0}", nameof(Bids), nameof(BookLevel.Price), First = 1, Last = 10, Interleaved = true)]
    [GroupColumn("pask{0}", "매도호가{0}", nameof(Asks), nameof(BookLevel.Price), First = 1, Last = 10, Interleaved = true)]
    [GroupColumn("vbid{0}", "매수잔량{0}", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Last = 10, Interleaved = true, Unit = "shares")]
    [GroupColumn("vask{0}", "매도잔량{0}", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Last = 10, Interleaved = true, Unit = "shares")]
    [GroupColumn(
        "dbid{0}", "매수잔량대비{0}", nameof(Bids), nameof(BookLevel.QuantityChange), First = 1, Last = 10, Interleaved = true, Unit = "shares")]
    [GroupColumn(
        "dask{0}", "매도잔량대비{0}", nameof(Asks), nameof(BookLevel.QuantityChange), First = 1, Last = 10, Interleaved = true, Unit = "shares")]
    public partial Repeated<BookLevel> Bids { get; init; }

    public partial Repeated<BookLevel> Asks { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
