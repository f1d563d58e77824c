using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in an index or stock option, or in an option of the night session (지수옵션, 주식옵션, KRX야간옵션 실시간체결가). Index options have 58 columns,
/// stock options the first 53, and the night session 56: it lacks the average volatility and the volume of block trades, and its last two
/// columns are in another order; its published frame has 53. Source: the broker's documents 실시간-014, 실시간-044 and 실시간-032.
/// </summary>
[Feed(
    "H0IOCNT0", Member = "Index", Alias = "options", Korean = "지수옵션 실시간체결가", Market = FeedMarket.Options, Document = "실시간-014",
    KeyMeaning = "index option code (단축종목코드)", KeyExample = "201S11305", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0ZOCNT0", Member = "Stock", Alias = "stock-options", Korean = "주식옵션 실시간체결가", Market = FeedMarket.Options, Document = "실시간-044",
    KeyMeaning = "stock option code (단축종목코드)", KeyExample = "211V05059", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "KRW", TurnoverUnit = "KRW",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0EUCNT0", Member = "Night", Alias = "night-options", Korean = "KRX야간옵션 실시간체결가", Market = FeedMarket.NightSession,
    Document = "실시간-032", KeyMeaning = "night option code (단축종목코드)", KeyExample = "301V06362", KeyForm = "[0-9A-Z]{6,9}",
    PriceUnit = "points", MockSource = "API document 2026-09-11")]
[Revision(53, TrId = "H0ZOCNT0")]
[Revision(53, TrId = "H0EUCNT0")]
[Revision("..PRDY_VOL_VRSS_ACML_VOL_RATE", "DYNM_MXPR", "DYNM_PRC_LIMT_YN", "DYNM_LLAM", TrId = "H0EUCNT0")]
public readonly partial record struct OptionTrade
{
    /// <summary>The short code of the option.</summary>
    [Column("optn_shrn_iscd", "옵션 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("optn_prpr", "옵션 현재가", Unit = "{price}", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("prdy_vrss_sign", "전일 대비 부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("optn_prdy_vrss", "옵션 전일 대비", Unit = "{price}")]
    public partial decimal? Change { get; init; }

    [Column("prdy_ctrt", "전일 대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("optn_oprc", "옵션 시가2", Unit = "{price}")]
    public partial decimal? Open { get; init; }

    [Column("optn_hgpr", "옵션 최고가", Unit = "{price}")]
    public partial decimal? High { get; init; }

    [Column("optn_lwpr", "옵션 최저가", Unit = "{price}")]
    public partial decimal? Low { get; init; }

    [Column("last_cnqn", "최종 거래량", Unit = "contracts", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("acml_vol", "누적 거래량", Unit = "contracts", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적 거래 대금", Unit = "{turnover}", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    [Column("hts_thpr", "HTS 이론가", Unit = "{price}")]
    public partial decimal? TheoreticalPrice { get; init; }

    [Column("hts_otst_stpl_qty", "HTS 미결제 약정 수량", Unit = "contracts")]
    public partial long? OpenInterest { get; init; }

    [Column("otst_stpl_qty_icdc", "미결제 약정 수량 증감", Unit = "contracts")]
    public partial long? OpenInterestChange { get; init; }

    [Column("oprc_hour", "시가 시간")]
    public partial TimeOnly? OpenTime { get; init; }

    [Column("oprc_vrss_prpr_sign", "시가2 대비 현재가 부호")]
    public partial ChangeSign? OpenSign { get; init; }

    [Column("oprc_vrss_nmix_prpr", "시가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? OpenChange { get; init; }

    [Column("hgpr_hour", "최고가 시간")]
    public partial TimeOnly? HighTime { get; init; }

    [Column("hgpr_vrss_prpr_sign", "최고가 대비 현재가 부호")]
    public partial ChangeSign? HighSign { get; init; }

    [Column("hgpr_vrss_nmix_prpr", "최고가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? HighChange { get; init; }

    [Column("lwpr_hour", "최저가 시간")]
    public partial TimeOnly? LowTime { get; init; }

    [Column("lwpr_vrss_prpr_sign", "최저가 대비 현재가 부호")]
    public partial ChangeSign? LowSign { get; init; }

    [Column("lwpr_vrss_nmix_prpr", "최저가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? LowChange { get; init; }

    [Column("shnu_rate", "매수2 비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("prmm_val", "프리미엄 값", Unit = "{price}")]
    public partial decimal? Premium { get; init; }

    [Column("invl_val", "내재가치 값", Unit = "{price}")]
    public partial decimal? IntrinsicValue { get; init; }

    [Column("tmvl_val", "시간가치 값", Unit = "{price}")]
    public partial decimal? TimeValue { get; init; }

    [Column("delta", "델타")]
    public partial decimal? Delta { get; init; }

    [Column("gama", "감마")]
    public partial decimal? Gamma { get; init; }

    [Column("vega", "베가")]
    public partial decimal? Vega { get; init; }

    [Column("theta", "세타")]
    public partial decimal? Theta { get; init; }

    [Column("rho", "로우")]
    public partial decimal? Rho { get; init; }

    [Column("hts_ints_vltl", "HTS 내재 변동성", Unit = "%")]
    public partial decimal? ImpliedVolatility { get; init; }

    [Column("esdg", "괴리도")]
    public partial decimal? Disparity { get; init; }

    [Column("otst_stpl_rgbf_qty_icdc", "미결제 약정 직전 수량 증감", Unit = "contracts")]
    public partial long? OpenInterestTickChange { get; init; }

    [Column("thpr_basis", "이론 베이시스")]
    public partial decimal? TheoreticalBasis { get; init; }

    /// <summary>The historical volatility of the underlying.</summary>
    [Column("unas_hist_vltl", "역사적변동성", Unit = "%")]
    public partial decimal? HistoricalVolatility { get; init; }

    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("dprt", "괴리율", Unit = "%")]
    public partial decimal? DisparityRate { get; init; }

    [Column("mrkt_basis", "시장 베이시스")]
    public partial decimal? MarketBasis { get; init; }

    [Column("optn_askp1", "옵션 매도호가1", Unit = "{price}")]
    public partial decimal? AskPrice { get; init; }

    [Column("optn_bidp1", "옵션 매수호가1", Unit = "{price}")]
    public partial decimal? BidPrice { get; init; }

    [Column("askp_rsqn1", "매도호가 잔량1", Unit = "contracts")]
    public partial long? AskQuantity { get; init; }

    [Column("bidp_rsqn1", "매수호가 잔량1", Unit = "contracts")]
    public partial long? BidQuantity { get; init; }

    [Column("seln_cntg_csnu", "매도 체결 건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    [Column("shnu_cntg_csnu", "매수 체결 건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    [Column("ntby_cntg_csnu", "순매수 체결 건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    [Column("seln_cntg_smtn", "총 매도 수량", Unit = "contracts")]
    public partial long? SellVolume { get; init; }

    [Column("shnu_cntg_smtn", "총 매수 수량", Unit = "contracts")]
    public partial long? BuyVolume { get; init; }

    [Column("total_askp_rsqn", "총 매도호가 잔량", Unit = "contracts")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총 매수호가 잔량", Unit = "contracts")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("prdy_vol_vrss_acml_vol_rate", "전일 거래량 대비 등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    /// <summary>The average volatility.</summary>
    [Column("avrg_vltl", "평균 변동성", Unit = "%")]
    public partial decimal? AverageVolatility { get; init; }

    /// <summary>The volume of negotiated block trades today.</summary>
    [Column("dscs_lrqn_vol", "협의대량누적 거래량", Unit = "contracts")]
    public partial long? BlockTradeVolume { get; init; }

    [Column("dynm_mxpr", "실시간상한가", Unit = "{price}")]
    public partial decimal? DynamicUpperLimit { get; init; }

    [Column("dynm_llam", "실시간하한가", Unit = "{price}")]
    public partial decimal? DynamicLowerLimit { get; init; }

    [Column("dynm_prc_limt_yn", "실시간가격제한구분")]
    public partial YesNo? HasDynamicLimit { get; init; }
}
