using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The expected price of a stock option, or of an option of the night session, in a call auction (주식옵션, KRX야간옵션 실시간예상체결). The night session
/// has 8 columns, stock options the first 7. Source: the broker's documents 실시간-046 and 실시간-034.
/// </summary>
[Feed(
    "H0ZOANC0", Member = "Stock", IsExpected = true, Alias = "stock-options-expected", Korean = "주식옵션 실시간예상체결", Market = FeedMarket.Options,
    Document = "실시간-046", KeyMeaning = "stock option code (단축종목코드)", KeyExample = "211V05059", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "KRW",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0EUANC0", Member = "Night", IsExpected = true, Alias = "night-options-expected", Korean = "KRX야간옵션실시간예상체결",
    Market = FeedMarket.NightSession, Document = "실시간-034", KeyMeaning = "night option code (단축종목코드)", KeyExample = "301V06362",
    KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points", MockSource = "API document 2026-09-11")]
[Revision(7, TrId = "H0ZOANC0")]
public readonly partial record struct OptionExpectedTrade
{
    /// <summary>The short code of the option.</summary>
    [Column("optn_shrn_iscd", "옵션단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("antc_cnpr", "예상체결가", Unit = "{price}", Role = ColumnRole.Price)]
    public partial decimal? ExpectedPrice { get; init; }

    [Column("antc_cntg_vrss", "예상체결대비", Unit = "{price}")]
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
