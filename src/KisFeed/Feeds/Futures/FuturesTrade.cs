using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in index or commodity futures, or in futures of the night session (지수선물, 상품선물, KRX야간선물 실시간체결가), 50 columns. The night session has 49,
/// without the volume of block trades; its published frame has 46, without the dynamic limits too. Prices are in points or in the unit of the
/// commodity. Source: the broker's documents 실시간-010, 실시간-022 and 실시간-064.
/// </summary>
[Feed("H0IFCNT0", Member = "Index", Alias = "futures", Korean = "지수선물 실시간체결가", Market = FeedMarket.Futures, Document = "실시간-010", KeyMeaning = "index futures code (단축종목코드)", KeyExample = "101S12", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points", TurnoverUnit = "1,000 KRW", MockSource = "API document 2026-09-11")]
[Feed("H0CFCNT0", Member = "Commodity", Alias = "commodity-futures", Korean = "상품선물 실시간체결가", Market = FeedMarket.Futures, Document = "실시간-022", KeyMeaning = "commodity futures code (단축종목코드)", KeyExample = "175V06", KeyForm = "[0-9A-Z]{6,9}", MockSource = "API document 2026-09-11")]
[Feed("H0MFCNT0", Member = "Night", Alias = "night-futures", Korean = "KRX야간선물 실시간종목체결", Market = FeedMarket.NightSession, Document = "실시간-064", KeyMeaning = "night futures code (단축종목코드)", KeyExample = "101V06", KeyForm = "[0-9A-Z]{6,9}", PriceUnit = "points", TurnoverUnit = "1,000 KRW", MockSource = "API document 2026-09-11")]
[Revision("..PRDY_VOL_VRSS_ACML_VOL_RATE", "DYNM_MXPR..DYNM_PRC_LIMT_YN", TrId = "H0MFCNT0")]
[Revision("..PRDY_VOL_VRSS_ACML_VOL_RATE", TrId = "H0MFCNT0")]
public readonly partial record struct FuturesTrade
{
    /// <summary>The short code of the futures contract.</summary>
    [Column("futs_shrn_iscd", "선물 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The time of the event, Korea time.</summary>
    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The change against the previous close, signed.</summary>
    [Column("futs_prdy_vrss", "선물 전일 대비", Unit = "{price}")]
    public partial decimal? Change { get; init; }

    /// <summary>The direction of <see cref="Change"/>.</summary>
    [Column("prdy_vrss_sign", "전일 대비 부호")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The change against the previous close in percent, signed.</summary>
    [Column("futs_prdy_ctrt", "선물 전일 대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The price of the last trade.</summary>
    [Column("futs_prpr", "선물 현재가", Unit = "{price}", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    /// <summary>Today's opening price.</summary>
    [Column("futs_oprc", "선물 시가2", Unit = "{price}")]
    public partial decimal? Open { get; init; }

    /// <summary>Today's highest price.</summary>
    [Column("futs_hgpr", "선물 최고가", Unit = "{price}")]
    public partial decimal? High { get; init; }

    /// <summary>Today's lowest price.</summary>
    [Column("futs_lwpr", "선물 최저가", Unit = "{price}")]
    public partial decimal? Low { get; init; }

    /// <summary>The volume of this trade.</summary>
    [Column("last_cnqn", "최종 거래량", Unit = "contracts", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    /// <summary>The volume traded today.</summary>
    [Column("acml_vol", "누적 거래량", Unit = "contracts", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    /// <summary>The value traded today.</summary>
    [Column("acml_tr_pbmn", "누적 거래 대금", Unit = "{turnover}", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    /// <summary>The theoretical price.</summary>
    [Column("hts_thpr", "HTS 이론가", Unit = "{price}")]
    public partial decimal? TheoreticalPrice { get; init; }

    /// <summary>The price minus that of the underlying.</summary>
    [Column("mrkt_basis", "시장 베이시스", Unit = "{price}")]
    public partial decimal? MarketBasis { get; init; }

    /// <summary>The price relative to the theoretical price (괴리율).</summary>
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

    /// <summary>The number of open contracts.</summary>
    [Column("hts_otst_stpl_qty", "HTS 미결제 약정 수량", Unit = "contracts")]
    public partial long? OpenInterest { get; init; }

    /// <summary>The change of the open contracts against the previous day.</summary>
    [Column("otst_stpl_qty_icdc", "미결제 약정 수량 증감", Unit = "contracts")]
    public partial long? OpenInterestChange { get; init; }

    /// <summary>The time of the opening price.</summary>
    [Column("oprc_hour", "시가 시간")]
    public partial TimeOnly? OpenTime { get; init; }

    /// <summary>The direction of <see cref="OpenChange"/>.</summary>
    [Column("oprc_vrss_prpr_sign", "시가2 대비 현재가 부호")]
    public partial ChangeSign? OpenSign { get; init; }

    /// <summary>The last price against the opening price.</summary>
    [Column("oprc_vrss_nmix_prpr", "시가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? OpenChange { get; init; }

    /// <summary>The time of the highest price.</summary>
    [Column("hgpr_hour", "최고가 시간")]
    public partial TimeOnly? HighTime { get; init; }

    /// <summary>The direction of <see cref="HighChange"/>.</summary>
    [Column("hgpr_vrss_prpr_sign", "최고가 대비 현재가 부호")]
    public partial ChangeSign? HighSign { get; init; }

    /// <summary>The last price against the highest price.</summary>
    [Column("hgpr_vrss_nmix_prpr", "최고가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? HighChange { get; init; }

    /// <summary>The time of the lowest price.</summary>
    [Column("lwpr_hour", "최저가 시간")]
    public partial TimeOnly? LowTime { get; init; }

    /// <summary>The direction of <see cref="LowChange"/>.</summary>
    [Column("lwpr_vrss_prpr_sign", "최저가 대비 현재가 부호")]
    public partial ChangeSign? LowSign { get; init; }

    /// <summary>The last price against the lowest price.</summary>
    [Column("lwpr_vrss_nmix_prpr", "최저가 대비 지수 현재가", Unit = "{price}")]
    public partial decimal? LowChange { get; init; }

    /// <summary>The share of the volume that buy orders caused.</summary>
    [Column("shnu_rate", "매수2 비율")]
    public partial decimal? BuyRate { get; init; }

    /// <summary>The volume that buy orders traded relative to the volume that sell orders traded (체결강도).</summary>
    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    /// <summary>The price minus the theoretical price (괴리도).</summary>
    [Column("esdg", "괴리도")]
    public partial decimal? Disparity { get; init; }

    /// <summary>The change of the open contracts since the previous update.</summary>
    [Column("otst_stpl_rgbf_qty_icdc", "미결제 약정 직전 수량 증감", Unit = "contracts")]
    public partial long? OpenInterestTickChange { get; init; }

    /// <summary>The theoretical price minus that of the underlying.</summary>
    [Column("thpr_basis", "이론 베이시스", Unit = "{price}")]
    public partial decimal? TheoreticalBasis { get; init; }

    /// <summary>The best offer; zero if there is none.</summary>
    [Column("futs_askp1", "선물 매도호가1", Unit = "{price}")]
    public partial decimal? AskPrice { get; init; }

    /// <summary>The best bid; zero if there is none.</summary>
    [Column("futs_bidp1", "선물 매수호가1", Unit = "{price}")]
    public partial decimal? BidPrice { get; init; }

    /// <summary>The quantity of the best offer.</summary>
    [Column("askp_rsqn1", "매도호가 잔량1", Unit = "contracts")]
    public partial long? AskQuantity { get; init; }

    /// <summary>The quantity of the best bid.</summary>
    [Column("bidp_rsqn1", "매수호가 잔량1", Unit = "contracts")]
    public partial long? BidQuantity { get; init; }

    /// <summary>The number of trades today that a sell order caused.</summary>
    [Column("seln_cntg_csnu", "매도 체결 건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    /// <summary>The number of trades today that a buy order caused.</summary>
    [Column("shnu_cntg_csnu", "매수 체결 건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    /// <summary>The trades that buy orders caused minus those that sell orders caused.</summary>
    [Column("ntby_cntg_csnu", "순매수 체결 건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    /// <summary>The volume traded today that sell orders caused.</summary>
    [Column("seln_cntg_smtn", "총 매도 수량", Unit = "contracts")]
    public partial long? SellVolume { get; init; }

    /// <summary>The volume traded today that buy orders caused.</summary>
    [Column("shnu_cntg_smtn", "총 매수 수량", Unit = "contracts")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The quantity of all offers.</summary>
    [Column("total_askp_rsqn", "총 매도호가 잔량", Unit = "contracts")]
    public partial long? TotalAskQuantity { get; init; }

    /// <summary>The quantity of all bids.</summary>
    [Column("total_bidp_rsqn", "총 매수호가 잔량", Unit = "contracts")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary>Today's volume relative to that of the previous day.</summary>
    [Column("prdy_vol_vrss_acml_vol_rate", "전일 거래량 대비 등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    /// <summary>The volume of negotiated block trades today.</summary>
    [Column("dscs_bltr_acml_qty", "협의 대량 거래량", Unit = "contracts")]
    public partial long? BlockTradeVolume { get; init; }

    /// <summary>The highest price at which orders are accepted now.</summary>
    [Column("dynm_mxpr", "실시간상한가", Unit = "{price}")]
    public partial decimal? DynamicUpperLimit { get; init; }

    /// <summary>The lowest price at which orders are accepted now.</summary>
    [Column("dynm_llam", "실시간하한가", Unit = "{price}")]
    public partial decimal? DynamicLowerLimit { get; init; }

    /// <summary>Whether the dynamic price limit is in force.</summary>
    [Column("dynm_prc_limt_yn", "실시간가격제한구분")]
    public partial YesNo? HasDynamicLimit { get; init; }
}
