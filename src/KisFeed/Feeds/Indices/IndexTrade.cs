using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade-driven update of a domestic index, or its expected value (국내지수 실시간체결, 실시간예상체결), 30 columns. The published frame of expected
/// values has 15, of which only the first ten agree with the table; the others are extra columns. Source: the broker's documents 실시간-026
/// and 실시간-027; the units are observed, not documented.
/// </summary>
[Feed(
    "H0UPCNT0", Alias = "index", Korean = "국내지수 실시간체결", Market = FeedMarket.Indices, Document = "실시간-026",
    KeyMeaning = "sector code (업종구분코드)", KeyExample = "0001", KeyForm = "[0-9]{4}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0UPANC0", Member = "Expected", IsExpected = true, Alias = "index-expected", Korean = "국내지수 실시간예상체결", Market = FeedMarket.Indices,
    Document = "실시간-027", KeyMeaning = "sector code (업종구분코드)", KeyExample = "0001", KeyForm = "[0-9]{4}",
    MockSource = "API document 2026-09-11")]
[Revision(10, TrId = "H0UPANC0")]
[Revision(30, TrId = "H0UPANC0")]
public readonly partial record struct IndexTrade
{
    /// <summary>The sector code: 0001 KOSPI, 1001 KOSDAQ, 2001 KOSPI 200.</summary>
    [Column("bstp_cls_code", "업종 구분 코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The time of the update, Korea time.</summary>
    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The value of the index.</summary>
    [Column("prpr_nmix", "현재가 지수", Unit = "points", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("prdy_vrss_sign", "전일 대비 부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("bstp_nmix_prdy_vrss", "업종 지수 전일 대비", Unit = "points")]
    public partial decimal? Change { get; init; }

    [Column("acml_vol", "누적 거래량", Unit = "1,000 shares", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적 거래 대금", Unit = "1,000,000 KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    /// <summary>The volume since the previous update.</summary>
    [Column("pcas_vol", "건별 거래량", Unit = "1,000 shares", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    /// <summary>The value since the previous update.</summary>
    [Column("pcas_tr_pbmn", "건별 거래 대금", Unit = "1,000,000 KRW", Role = ColumnRole.TradeTurnover)]
    public partial long? Value { get; init; }

    [Column("prdy_ctrt", "전일 대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>Today's opening value.</summary>
    [Column("oprc_nmix", "시가 지수", Unit = "points")]
    public partial decimal? Open { get; init; }

    /// <summary>Today's highest value.</summary>
    [Column("nmix_hgpr", "지수 최고가", Unit = "points")]
    public partial decimal? High { get; init; }

    /// <summary>Today's lowest value.</summary>
    [Column("nmix_lwpr", "지수 최저가", Unit = "points")]
    public partial decimal? Low { get; init; }

    /// <summary>The opening value against the previous close, as the published sample shows (the Korean name says otherwise).</summary>
    [Column("oprc_vrss_nmix_prpr", "시가 대비 지수 현재가", Unit = "points")]
    public partial decimal? OpenChange { get; init; }

    [Column("oprc_vrss_nmix_sign", "시가 대비 지수 부호")]
    public partial ChangeSign? OpenSign { get; init; }

    /// <summary>The highest value against the previous close, as the published sample shows (the Korean name says otherwise).</summary>
    [Column("hgpr_vrss_nmix_prpr", "최고가 대비 지수 현재가", Unit = "points")]
    public partial decimal? HighChange { get; init; }

    [Column("hgpr_vrss_nmix_sign", "최고가 대비 지수 부호")]
    public partial ChangeSign? HighSign { get; init; }

    /// <summary>The lowest value against the previous close, as the published sample shows (the Korean name says otherwise).</summary>
    [Column("lwpr_vrss_nmix_prpr", "최저가 대비 지수 현재가", Unit = "points")]
    public partial decimal? LowChange { get; init; }

    [Column("lwpr_vrss_nmix_sign", "최저가 대비 지수 부호")]
    public partial ChangeSign? LowSign { get; init; }

    /// <summary>The opening value against the previous close, in percent.</summary>
    [Column("prdy_clpr_vrss_oprc_rate", "전일 종가 대비 시가2 비율", Unit = "%")]
    public partial decimal? OpenChangeRate { get; init; }

    /// <summary>The highest value against the previous close, in percent.</summary>
    [Column("prdy_clpr_vrss_hgpr_rate", "전일 종가 대비 최고가 비율", Unit = "%")]
    public partial decimal? HighChangeRate { get; init; }

    /// <summary>The lowest value against the previous close, in percent.</summary>
    [Column("prdy_clpr_vrss_lwpr_rate", "전일 종가 대비 최저가 비율", Unit = "%")]
    public partial decimal? LowChangeRate { get; init; }

    /// <summary>Number of issues at their daily upper limit.</summary>
    [Column("uplm_issu_cnt", "상한 종목 수", Unit = "issues")]
    public partial long? UpperLimitCount { get; init; }

    /// <summary>Number of issues that are up.</summary>
    [Column("ascn_issu_cnt", "상승 종목 수", Unit = "issues")]
    public partial long? AdvancingCount { get; init; }

    /// <summary>Number of issues that are unchanged.</summary>
    [Column("stnr_issu_cnt", "보합 종목 수", Unit = "issues")]
    public partial long? UnchangedCount { get; init; }

    /// <summary>Number of issues that are down.</summary>
    [Column("down_issu_cnt", "하락 종목 수", Unit = "issues")]
    public partial long? DecliningCount { get; init; }

    /// <summary>Number of issues at their daily lower limit.</summary>
    [Column("lslm_issu_cnt", "하한 종목 수", Unit = "issues")]
    public partial long? LowerLimitCount { get; init; }

    /// <summary>Number of issues that are up by their quotes alone, without a trade (기세).</summary>
    [Column("qtqt_ascn_issu_cnt", "기세 상승 종목수", Unit = "issues")]
    public partial long? QuotedUpCount { get; init; }

    /// <summary>Number of issues that are down by their quotes alone, without a trade (기세).</summary>
    [Column("qtqt_down_issu_cnt", "기세 하락 종목수", Unit = "issues")]
    public partial long? QuotedDownCount { get; init; }

    /// <summary>The broker's tick difference (TICK대비); its meaning is not documented.</summary>
    [Column("tick_vrss", "TICK대비")]
    public partial decimal? TickDifference { get; init; }
}
