using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in stock futures (주식선물 실시간체결가), 49 columns. Source: the broker's document 실시간-029.
/// </summary>
[Feed(
    "H0ZFCNT0", Member = "Feed", Alias = "stock-futures", Korean = "주식선물 실시간체결가", Market = FeedMarket.Futures, Document = "실시간-029",
    KeyMeaning = "stock futures code (단축종목코드)", KeyExample = "111V06", KeyForm = "[0-9A-Z]{6,9}", MockSource = "API document 2026-09-11")]
public readonly partial record struct StockFuturesTrade
{
    /// <summary>The short code of the futures contract.</summary>
    [Column("futs_shrn_iscd", "선물단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("stck_prpr", "주식현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("prdy_vrss_sign", "전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("prdy_vrss", "전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    [Column("futs_prdy_ctrt", "선물전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("stck_oprc", "주식시가2", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    [Column("stck_hgpr", "주식최고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    [Column("stck_lwpr", "주식최저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    [Column("last_cnqn", "최종거래량", Unit = "contracts", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("acml_vol", "누적거래량", Unit = "contracts", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적거래대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    [Column("hts_thpr", "HTS이론가", Unit = "KRW")]
    public partial decimal? TheoreticalPrice { get; init; }

    [Column("mrkt_basis", "시장베이시스", Unit = "KRW")]
    public partial decimal? MarketBasis { get; init; }

    [Column("dprt", "괴리율", Unit = "%")]
    public partial decimal? DisparityRate { get; init; }

    /// <summary>The agreed price of the near month in a spread.</summary>
    [Column("nmsc_fctn_stpl_prc", "근월물약정가", Unit = "KRW")]
    public partial decimal? NearMonthPrice { get; init; }

    /// <summary>The agreed price of the far month in a spread.</summary>
    [Column("fmsc_fctn_stpl_prc", "원월물약정가", Unit = "KRW")]
    public partial decimal? FarMonthPrice { get; init; }

    /// <summary>The price of the spread.</summary>
    [Column("spead_prc", "스프레드1", Unit = "KRW")]
    public partial decimal? SpreadPrice { get; init; }

    [Column("hts_otst_stpl_qty", "HTS미결제약정수량", Unit = "contracts")]
    public partial long? OpenInterest { get; init; }

    [Column("otst_stpl_qty_icdc", "미결제약정수량증감", Unit = "contracts")]
    public partial long? OpenInterestChange { get; init; }

    [Column("oprc_hour", "시가시간")]
    public partial TimeOnly? OpenTime { get; init; }

    [Column("oprc_vrss_prpr_sign", "시가2대비현재가부호")]
    public partial ChangeSign? OpenSign { get; init; }

    [Column("oprc_vrss_prpr", "시가2대비현재가", Unit = "KRW")]
    public partial decimal? OpenChange { get; init; }

    [Column("hgpr_hour", "최고가시간")]
    public partial TimeOnly? HighTime { get; init; }

    [Column("hgpr_vrss_prpr_sign", "최고가대비현재가부호")]
    public partial ChangeSign? HighSign { get; init; }

    [Column("hgpr_vrss_prpr", "최고가대비현재가", Unit = "KRW")]
    public partial decimal? HighChange { get; init; }

    [Column("lwpr_hour", "최저가시간")]
    public partial TimeOnly? LowTime { get; init; }

    [Column("lwpr_vrss_prpr_sign", "최저가대비현재가부호")]
    public partial ChangeSign? LowSign { get; init; }

    [Column("lwpr_vrss_prpr", "최저가대비현재가", Unit = "KRW")]
    public partial decimal? LowChange { get; init; }

    [Column("shnu_rate", "매수2비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("esdg", "괴리도", Unit = "KRW")]
    public partial decimal? Disparity { get; init; }

    [Column("otst_stpl_rgbf_qty_icdc", "미결제약정직전수량증감", Unit = "contracts")]
    public partial long? OpenInterestTickChange { get; init; }

    [Column("thpr_basis", "이론베이시스", Unit = "KRW")]
    public partial decimal? TheoreticalBasis { get; init; }

    [Column("askp1", "매도호가1", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    [Column("bidp1", "매수호가1", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    [Column("askp_rsqn1", "매도호가잔량1", Unit = "contracts")]
    public partial long? AskQuantity { get; init; }

    [Column("bidp_rsqn1", "매수호가잔량1", Unit = "contracts")]
    public partial long? BidQuantity { get; init; }

    [Column("seln_cntg_csnu", "매도체결건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    [Column("shnu_cntg_csnu", "매수체결건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    [Column("ntby_cntg_csnu", "순매수체결건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    [Column("seln_cntg_smtn", "총매도수량", Unit = "contracts")]
    public partial long? SellVolume { get; init; }

    [Column("shnu_cntg_smtn", "총매수수량", Unit = "contracts")]
    public partial long? BuyVolume { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "contracts")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "contracts")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("prdy_vol_vrss_acml_vol_rate", "전일거래량대비등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    [Column("dynm_mxpr", "실시간상한가", Unit = "KRW")]
    public partial decimal? DynamicUpperLimit { get; init; }

    [Column("dynm_llam", "실시간하한가", Unit = "KRW")]
    public partial decimal? DynamicLowerLimit { get; init; }

    [Column("dynm_prc_limt_yn", "실시간가격제한구분")]
    public partial YesNo? HasDynamicLimit { get; init; }
}
