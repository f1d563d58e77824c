using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The value of a bond index (채권지수 실시간체결가), 20 columns. Source: the broker's document 실시간-060.
/// </summary>
[Feed(
    "H0BICNT0", Member = "Feed", Alias = "bond-index", Korean = "채권지수 실시간체결가", Market = FeedMarket.Bonds, Document = "실시간-060",
    KeyMeaning = "index ID (지수ID)", KeyExample = "KBPR01", KeyForm = "[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
public readonly partial record struct BondIndex
{
    /// <summary>The ID of the index.</summary>
    [Column("nmix_id", "지수ID", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The date of the value.</summary>
    [Column("stnd_date1", "기준일자1", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The time at which the value was sent, Korea time.</summary>
    [Column("trnm_hour", "전송시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>Today's first total-return index.</summary>
    [Column("totl_ernn_nmix_oprc", "총수익지수시가지수", Unit = "points")]
    public partial decimal? Open { get; init; }

    /// <summary>Today's highest total-return index.</summary>
    [Column("totl_ernn_nmix_hgpr", "총수익지수최고가", Unit = "points")]
    public partial decimal? High { get; init; }

    /// <summary>Today's lowest total-return index.</summary>
    [Column("totl_ernn_nmix_lwpr", "총수익지수최저가", Unit = "points")]
    public partial decimal? Low { get; init; }

    /// <summary>The total-return index.</summary>
    [Column("totl_ernn_nmix", "총수익지수", Unit = "points", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    /// <summary>The total-return index of the previous day.</summary>
    [Column("prdy_totl_ernn_nmix", "전일총수익지수", Unit = "points")]
    public partial decimal? PreviousClose { get; init; }

    /// <summary>The change of the total-return index against the previous day, signed.</summary>
    [Column("totl_ernn_nmix_prdy_vrss", "총수익지수전일대비", Unit = "points")]
    public partial decimal? Change { get; init; }

    [Column("totl_ernn_nmix_prdy_vrss_sign", "총수익지수전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The change of the total-return index against the previous day in percent, signed.</summary>
    [Column("totl_ernn_nmix_prdy_ctrt", "총수익지수전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The index of prices without accrued interest.</summary>
    [Column("clen_prc_nmix", "순가격지수", Unit = "points")]
    public partial decimal? CleanPriceIndex { get; init; }

    /// <summary>The index of market prices.</summary>
    [Column("mrkt_prc_nmix", "시장가격지수", Unit = "points")]
    public partial decimal? MarketPriceIndex { get; init; }

    /// <summary>The index with interest reinvested at the call rate.</summary>
    [Column("bond_call_rnvs_nmix", "Call재투자지수", Unit = "points")]
    public partial decimal? CallReinvestmentIndex { get; init; }

    /// <summary>The index without reinvestment of interest.</summary>
    [Column("bond_zero_rnvs_nmix", "Zero재투자지수", Unit = "points")]
    public partial decimal? ZeroReinvestmentIndex { get; init; }

    /// <summary>The theoretical price of the futures.</summary>
    [Column("bond_futs_thpr", "선물이론가격")]
    public partial decimal? TheoreticalFuturesPrice { get; init; }

    /// <summary>The average duration.</summary>
    [Column("bond_avrg_drtn_val", "평균듀레이션", Unit = "years")]
    public partial decimal? AverageDuration { get; init; }

    /// <summary>The average convexity.</summary>
    [Column("bond_avrg_cnvx_val", "평균컨벡서티")]
    public partial decimal? AverageConvexity { get; init; }

    /// <summary>The average yield to maturity.</summary>
    [Column("bond_avrg_ytm_val", "평균YTM", Unit = "%")]
    public partial decimal? AverageYield { get; init; }

    /// <summary>The average forward yield to maturity.</summary>
    [Column("bond_avrg_frdl_ytm_val", "평균선도YTM", Unit = "%")]
    public partial decimal? AverageForwardYield { get; init; }
}
