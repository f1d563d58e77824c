using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The expected price of stock futures in a call auction (주식선물 실시간예상체결), 8 columns. Source: the broker's document 실시간-031.
/// </summary>
[Feed(
    "H0ZFANC0", Member = "Feed", IsExpected = true, Alias = "stock-futures-expected", Korean = "주식선물 실시간예상체결", Market = FeedMarket.Futures,
    Document = "실시간-031", KeyMeaning = "stock futures code (단축종목코드)", KeyExample = "111V06", KeyForm = "[0-9A-Z]{6,9}",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct FuturesExpectedTrade
{
    /// <summary>The short code of the futures contract.</summary>
    [Column("futs_shrn_iscd", "선물단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("antc_cnpr", "예상체결가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? ExpectedPrice { get; init; }

    [Column("antc_cntg_vrss", "예상체결대비", Unit = "KRW")]
    public partial decimal? ExpectedChange { get; init; }

    [Column("antc_cntg_vrss_sign", "예상체결대비부호")]
    public partial ChangeSign? ExpectedSign { get; init; }

    [Column("antc_cntg_prdy_ctrt", "예상체결전일대비율", Unit = "%")]
    public partial decimal? ExpectedChangeRate { get; init; }

    [Column("antc_mkop_cls_code", "예상장운영구분코드")]
    public partial string? ExpectedMarketOperation { get; init; }

    [Column("antc_cnqn", "예상체결수량", Unit = "contracts")]
    public partial long? ExpectedQuantity { get; init; }
}
