using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The best offer and bid of a stock at an Asian exchange, delayed (해외주식 지연호가), 17 columns. Source: the broker's document 실시간-008.
/// </summary>
[Feed(
    "HDFSASP1", Member = "Feed", Alias = "asia-quote", Korean = "해외주식 지연호가(아시아)", Market = FeedMarket.Overseas, Document = "실시간-008",
    KeyMeaning = "exchange and symbol, e.g. D + HKS + 00003; R instead of D by day (실시간종목코드)", KeyExample = "DHKS00003",
    KeyForm = "[DR](HKS|TSE|SHS|SZS|HSX|HNX)[0-9A-Z./-]{1,12}", MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasDelayedQuote
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

    [GroupColumn("pbid1", "매수호가1", nameof(Bids), nameof(BookLevel.Price), First = 1, Interleaved = true)]
    [GroupColumn("pask1", "매도호가1", nameof(Asks), nameof(BookLevel.Price), First = 1, Interleaved = true)]
    [GroupColumn("vbid1", "매수잔량1", nameof(Bids), nameof(BookLevel.Quantity), First = 1, Interleaved = true, Unit = "shares")]
    [GroupColumn("vask1", "매도잔량1", nameof(Asks), nameof(BookLevel.Quantity), First = 1, Interleaved = true, Unit = "shares")]
    [GroupColumn("dbid1", "매수잔량대비1", nameof(Bids), nameof(BookLevel.QuantityChange), First = 1, Interleaved = true, Unit = "shares")]
    [GroupColumn("dask1", "매도잔량대비1", nameof(Asks), nameof(BookLevel.QuantityChange), First = 1, Interleaved = true, Unit = "shares")]
    public partial Repeated<BookLevel> Bids { get; init; }

    public partial Repeated<BookLevel> Asks { get; init; }

    /// <summary>The best offer minus the best bid; <see langword="null"/> if either is missing.</summary>
    public decimal? Spread => BookLevel.SpreadBetween(Asks, Bids);
}
