using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in an equity-linked warrant (ELW 실시간체결가), 63 columns. Source: the broker's document 실시간-061.
/// </summary>
[Feed(
    "H0EWCNT0", Member = "Feed", Alias = "elw", Korean = "ELW 실시간체결가", Market = FeedMarket.Elw, Document = "실시간-061",
    KeyMeaning = "ELW code (종목코드)", KeyExample = "57JN53", KeyForm = "[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
public readonly partial record struct ElwTrade
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("stck_cntg_hour", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("stck_prpr", "주식현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("prdy_vrss_sign", "전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("prdy_vrss", "전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    [Column("prdy_ctrt", "전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("wghn_avrg_stck_prc", "가중평균주식가격", Unit = "KRW")]
    public partial decimal? AveragePrice { get; init; }

    [Column("stck_oprc", "주식시가2", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    [Column("stck_hgpr", "주식최고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    [Column("stck_lwpr", "주식최저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    [Column("askp1", "매도호가1", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    [Column("bidp1", "매수호가1", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    [Column("cntg_vol", "체결거래량", Unit = "warrants", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("acml_vol", "누적거래량", Unit = "warrants", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적거래대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    [Column("seln_cntg_csnu", "매도체결건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    [Column("shnu_cntg_csnu", "매수체결건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    [Column("ntby_cntg_csnu", "순매수체결건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("seln_cntg_smtn", "총매도수량", Unit = "warrants")]
    public partial long? SellVolume { get; init; }

    [Column("shnu_cntg_smtn", "총매수수량", Unit = "warrants")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The side that caused the trade.</summary>
    [Column("cntg_cls_code", "체결구분코드")]
    public partial TradeSide? Side { get; init; }

    [Column("shnu_rate", "매수2비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("prdy_vol_vrss_acml_vol_rate", "전일거래량대비등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

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

    /// <summary>The business day.</summary>
    [Column("bsop_date", "기준일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    [Column("new_mkop_cls_code", "신규시장분류코드")]
    public partial MarketOperation? MarketOperation { get; init; }

    [Column("trht_yn", "거래정지여부")]
    public partial YesNo? IsHalted { get; init; }

    [Column("askp_rsqn1", "매도호가잔량1", Unit = "warrants")]
    public partial long? AskQuantity { get; init; }

    [Column("bidp_rsqn1", "매수호가잔량1", Unit = "warrants")]
    public partial long? BidQuantity { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "warrants")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "warrants")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("tmvl_val", "시간가치값", Unit = "KRW")]
    public partial decimal? TimeValue { get; init; }

    /// <summary>The parity.</summary>
    [Column("prit", "패리티", Unit = "%")]
    public partial decimal? Parity { get; init; }

    [Column("prmm_val", "프리미엄값", Unit = "KRW")]
    public partial decimal? Premium { get; init; }

    /// <summary>The gearing.</summary>
    [Column("gear", "기어링")]
    public partial decimal? Gearing { get; init; }

    /// <summary>The change of the underlying at which the holder breaks even.</summary>
    [Column("prls_qryr_rate", "손익분기비율", Unit = "%")]
    public partial decimal? BreakEvenRate { get; init; }

    [Column("invl_val", "내재가치값", Unit = "KRW")]
    public partial decimal? IntrinsicValue { get; init; }

    /// <summary>The premium relative to the price of the underlying.</summary>
    [Column("prmm_rate", "프리미엄비율", Unit = "%")]
    public partial decimal? PremiumRate { get; init; }

    /// <summary>The capital fulcrum point (자본지지점).</summary>
    [Column("cfp", "자본지지점", Unit = "%")]
    public partial decimal? CapitalFulcrumPoint { get; init; }

    /// <summary>The effective leverage.</summary>
    [Column("lvrg_val", "레버리지값")]
    public partial decimal? Leverage { get; init; }

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

    [Column("hts_ints_vltl", "HTS내재변동성", Unit = "%")]
    public partial decimal? ImpliedVolatility { get; init; }

    [Column("hts_thpr", "HTS이론가", Unit = "KRW")]
    public partial decimal? TheoreticalPrice { get; init; }

    [Column("vol_tnrt", "거래량회전율", Unit = "%")]
    public partial decimal? TurnoverRate { get; init; }

    [Column("prdy_smns_hour_acml_vol", "전일동시간누적거래량", Unit = "warrants")]
    public partial long? PreviousVolumeAtTime { get; init; }

    [Column("prdy_smns_hour_acml_vol_rate", "전일동시간누적거래량비율", Unit = "%")]
    public partial decimal? PreviousVolumeAtTimeRate { get; init; }

    /// <summary>How near the price is to the knock-out barrier (접근도).</summary>
    [Column("apprch_rate", "접근도", Unit = "%")]
    public partial decimal? ApproachRate { get; init; }

    /// <summary>The quantity that the liquidity provider holds.</summary>
    [Column("lp_hvol", "LP보유량", Unit = "warrants")]
    public partial long? LpHolding { get; init; }

    /// <summary>The share of the issue that the liquidity provider holds.</summary>
    [Column("lp_hldn_rate", "LP보유비율", Unit = "%")]
    public partial decimal? LpHoldingRate { get; init; }

    /// <summary>What the liquidity provider sold minus what it bought.</summary>
    [Column("lp_ntby_qty", "LP순매도량", Unit = "warrants")]
    public partial long? LpNetSellVolume { get; init; }
}
