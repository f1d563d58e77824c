using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in index or commodity futures, or in futures of the night session (지수선물, 상품선물, KRX야간선물 실시간체결가), 50 columns. The night session
/// has 49, without the volume of block trades; its published frame has 46, without the dynamic limits too. Prices are in points or in the
/// unit of the commodity. Source: the broker's documents 실시간-010, 실시간-022 and 실시간-064.
/// </summary>
[Feed(
    "H0IFCNT0", Member = "Index", Alias = "futures", Korean = "지수선물 실시간체결가", Market = FeedMarket.Futures, Document = "실시간-010",
    KeyMeaning = "index futures code (단축종목코드)", KeyExample = "101S12", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points",
    TurnoverUnit = "1,000 KRW", MockSource = "API document 2026-09-11")]
[Feed(
    "H0CFCNT0", Member = "Commodity", Alias = "commodity-futures", Korean = "상품선물 실시간체결가", Market = FeedMarket.Futures,
    Document = "실시간-022", KeyMeaning = "commodity futures code (단축종목코드)", KeyExample = "175V06", KeyForm = "[0-9A-Z]{6,9}",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0MFCNT0", Member = "Night", Alias = "night-futures", Korean = "KRX야간선물 실시간종목체결", Market = FeedMarket.NightSession,
    Document = "실시간-064", KeyMeaning = "night futures code (단축종목코드)", KeyExample = "101V06", KeyForm = "[0-9A-Z]{6,9}",
    PriceUnit = "points", TurnoverUnit = "1,000 KRW", MockSource = "API document 2026-09-11")]
[Revision("..PRDY_VOL_VRSS_ACML_VOL_RATE", "DYNM_MXPR..DYNM_PRC_LIMT_YN", TrId = "H0MFCNT0")]
[Revision("..PRDY_VOL_VRSS_ACML_VOL_RATE", TrId = "H0MFCNT0")]
public readonly partial record struct FuturesTrade
{
    /// <summary>The short code of the futures contract.</summary>
    [Column("futs_shrn_iscd", "선물 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("futs_prdy_vrss", "선물 전일 대비", Unit = "{price}")]
    public partial decimal? Change { get; init; }

    [Column("prdy_vrss_sign", "전일 대비 부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("futs_prdy_ctrt", "선물 전일 대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("futs_prpr", "선물 현재가", Unit = "{price}", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("futs_oprc", "선물 시가2", Unit = "{price}")]
    public partial decimal? Open { get; init; }

    [Column("futs_hgpr", "선물 최고가", Unit = "{price}")]
    public partial decimal? High { get; init; }

    [Column("futs_lwpr", "선물 최저가", Unit = "{price}")]
    public partial decimal? Low { get; init; }

    [Column("last_cnqn", "최종 거래량", Unit = "contracts", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("acml_vol", "누적 거래량", Unit = "contracts", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적 거래 대금", Unit = "{turnover}", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    [Column("hts_thpr", "HTS 이론가", Unit = "{price}")]
    public partial decimal? TheoreticalPrice { get; init; }

    [Column("mrkt_basis", "시장 베이시스", Unit = "{price}")]
    public partial decimal? MarketBasis { get; init; }

    [Column("dprt", "괴리율", Unit = "%")]
    public partial decimal? DisparityRate { get; init; }

    /// <summary>The agreed price of the near month in a spread.</summary>
    [Column("nmsc_fctn_stpl_prc", "근월물 약정가", Unit = "{price}")]
    public partial decimal? NearMonthPrice { get; init; }

    /// <summary>The agreed price of the far month in a spread.</summary>
    [Column("fmsc_fctn_stpl_prc", "원월물 약정가", Unit = "{price}")]
    public partial decimal? FarMonthPrice { get; init; }

    /// <summary>The price of the spread.</summary>
    [Column("spead_prc", "스프레드1", Unit = "{price}")]
    public partial decimal? SpreadPrice { get; init; }

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

    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("esdg", "괴리도")]
    public partial decimal? Disparity { get; init; }

    [Column("otst_stpl_rgbf_qty_icdc", "미결제 약정 직전 수량 증감", Unit = "contracts")]
    public partial long? OpenInterestTickChange { get; init; }

    [Column("thpr_basis", "이론 베이시스", Unit = "{price}")]
    public partial decimal? TheoreticalBasis { get; init; }

    [Column("futs_askp1", "선물 매도호가1", Unit = "{price}")]
    public partial decimal? AskPrice { get; init; }

    [Column("futs_bidp1", "선물 매수호가1", Unit = "{price}")]
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

    /// <summary>The volume of negotiated block trades today.</summary>
    [Column("dscs_bltr_acml_qty", "협의 대량 거래량", Unit = "contracts")]
    public partial long? BlockTradeVolume { get; init; }

    [Column("dynm_mxpr", "실시간상한가", Unit = "{price}")]
    public partial decimal? DynamicUpperLimit { get; init; }

    [Column("dynm_llam", "실시간하한가", Unit = "{price}")]
    public partial decimal? DynamicLowerLimit { get; init; }

    [Column("dynm_prc_limt_yn", "실시간가격제한구분")]
    public partial YesNo? HasDynamicLimit { get; init; }
}
