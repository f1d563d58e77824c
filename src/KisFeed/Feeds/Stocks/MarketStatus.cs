using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The state of trading in a stock: halts, volatility interruptions and the session (국내주식 장운영정보), 11 columns; the published frames lack the
/// exchange. In the document of the consolidated feed all names are shifted by one column, because it lacks the stock code; its frames have
/// it. Source: the broker's document 실시간-049.
/// </summary>
[Feed(
    "H0UNMKO0", Member = "Consolidated", Alias = "status", Korean = "국내주식 장운영정보(통합)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", ElementCase = ElementCase.Upper,
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0STMKO0", Member = "Krx", Alias = "status-krx", Korean = "국내주식 장운영정보 (KRX)", Market = FeedMarket.Stocks, Document = "실시간-049",
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0NXMKO0", Member = "Nxt", Alias = "status-nxt", Korean = "국내주식 장운영정보(NXT)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", ElementCase = ElementCase.Upper,
    MockSource = "API document 2026-09-11")]
[Revision(10)]
public readonly partial record struct MarketStatus
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("trht_yn", "거래정지여부")]
    public partial YesNo? IsHalted { get; init; }

    /// <summary>Why trading is halted.</summary>
    [Column("tr_susp_reas_cntt", "거래정지사유내용")]
    public partial string? HaltReason { get; init; }

    /// <summary>
    /// The state of the market. Other codes than the documented ones are sent, e.g. AB1 around a volatility interruption.
    /// </summary>
    [Column("mkop_cls_code", "장운영구분코드")]
    public partial StockOperation? MarketOperation { get; init; }

    [Column("antc_mkop_cls_code", "예상장운영구분코드")]
    public partial ExpectedOperation? ExpectedMarketOperation { get; init; }

    /// <summary>The random end of the auction (임의종료).</summary>
    [Column("mrkt_trtm_cls_code", "임의연장구분코드")]
    public partial AuctionExtension? ExtensionCode { get; init; }

    /// <summary>How the orders of a call auction are allocated.</summary>
    [Column("divi_app_cls_code", "동시호가배분처리구분코드")]
    public partial AuctionAllocation? AllocationCode { get; init; }

    /// <summary>The status of the stock.</summary>
    [Column("iscd_stat_cls_code", "종목상태구분코드")]
    public partial StockStatusCode? StockStatus { get; init; }

    /// <summary>Whether a volatility interruption applies.</summary>
    [Column("vi_cls_code", "VI적용구분코드")]
    public partial YesNo? ViCode { get; init; }

    /// <summary>Whether a volatility interruption applies to the after-hours single price.</summary>
    [Column("ovtm_vi_cls_code", "시간외단일가VI적용구분코드")]
    public partial YesNo? AfterHoursViCode { get; init; }

    /// <summary>The exchange.</summary>
    [Column("EXCH_CLS_CODE", "거래소구분코드")]
    public partial string? ExchangeCode { get; init; }
}
