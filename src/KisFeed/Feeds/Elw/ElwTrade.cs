using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in an equity-linked warrant (ELW 실시간체결가), 63 columns. Source: the broker's document 실시간-061.
/// </summary>
[Feed("H0EWCNT0", Member = "Feed", Alias = "elw", Korean = "ELW 실시간체결가", Market = FeedMarket.Elw, Document = "실시간-061", KeyMeaning = "ELW code (종목코드)", KeyExample = "57JN53", KeyForm = "[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
public readonly partial record struct ElwTrade
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The time of the event, Korea time.</summary>
    [Column("stck_cntg_hour", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The price of the last trade.</summary>
    [Column("stck_prpr", "주식현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    /// <summary>The direction of <see cref="Change"/>.</summary>
    [Column("prdy_vrss_sign", "전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The change against the previous close, signed.</summary>
    [Column("prdy_vrss", "전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    /// <summary>The change against the previous close in percent, signed.</summary>
    [Column("prdy_ctrt", "전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The volume-weighted average price of the day.</summary>
    [Column("wghn_avrg_stck_prc", "가중평균주식가격", Unit = "KRW")]
    public partial decimal? AveragePrice { get; init; }

    /// <summary>Today's opening price.</summary>
    [Column("stck_oprc", "주식시가2", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    /// <summary>Today's highest price.</summary>
    [Column("stck_hgpr", "주식최고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    /// <summary>Today's lowest price.</summary>
    [Column("stck_lwpr", "주식최저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    /// <summary>The best offer; zero if there is none.</summary>
    [Column("askp1", "매도호가1", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    /// <summary>The best bid; zero if there is none.</summary>
    [Column("bidp1", "매수호가1", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    /// <summary>The volume of this trade.</summary>
    [Column("cntg_vol", "체결거래량", Unit = "warrants", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    /// <summary>The volume traded today.</summary>
    [Column("acml_vol", "누적거래량", Unit = "warrants", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    /// <summary>The value traded today.</summary>
    [Column("acml_tr_pbmn", "누적거래대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    /// <summary>The number of trades today that a sell order caused.</summary>
    [Column("seln_cntg_csnu", "매도체결건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    /// <summary>The number of trades today that a buy order caused.</summary>
    [Column("shnu_cntg_csnu", "매수체결건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    /// <summary>The trades that buy orders caused minus those that sell orders caused.</summary>
    [Column("ntby_cntg_csnu", "순매수체결건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    /// <summary>The volume that buy orders traded relative to the volume that sell orders traded (체결강도).</summary>
    [Column("cttr", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    /// <summary>The volume traded today that sell orders caused.</summary>
    [Column("seln_cntg_smtn", "총매도수량", Unit = "warrants")]
    public partial long? SellVolume { get; init; }

    /// <summary>The volume traded today that buy orders caused.</summary>
    [Column("shnu_cntg_smtn", "총매수수량", Unit = "warrants")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The side that caused the trade.</summary>
    [Column("cntg_cls_code", "체결구분코드")]
    public partial TradeSide? Side { get; init; }

    /// <summary>The share of the volume that buy orders caused.</summary>
    [Column("shnu_rate", "매수2비율")]
    public partial decimal? BuyRate { get; init; }

    /// <summary>Today's volume relative to that of the previous day.</summary>
    [Column("prdy_vol_vrss_acml_vol_rate", "전일거래량대비등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    /// <summary>The time of the opening price.</summary>
    [Column("oprc_hour", "시가시간")]
    public partial TimeOnly? OpenTime { get; init; }

    /// <summary>The direction of <see cref="OpenChange"/>.</summary>
    [Column("oprc_vrss_prpr_sign", "시가2대비현재가부호")]
    public partial ChangeSign? OpenSign { get; init; }

    /// <summary>The last price against the opening price.</summary>
    [Column("oprc_vrss_prpr", "시가2대비현재가", Unit = "KRW")]
    public partial decimal? OpenChange { get; init; }

    /// <summary>The time of the highest price.</summary>
    [Column("hgpr_hour", "최고가시간")]
    public partial TimeOnly? HighTime { get; init; }

    /// <summary>The direction of <see cref="HighChange"/>.</summary>
    [Column("hgpr_vrss_prpr_sign", "최고가대비현재가부호")]
    public partial ChangeSign? HighSign { get; init; }

    /// <summary>The last price against the highest price.</summary>
    [Column("hgpr_vrss_prpr", "최고가대비현재가", Unit = "KRW")]
    public partial decimal? HighChange { get; init; }

    /// <summary>The time of the lowest price.</summary>
    [Column("lwpr_hour", "최저가시간")]
    public partial TimeOnly? LowTime { get; init; }

    /// <summary>The direction of <see cref="LowChange"/>.</summary>
    [Column("lwpr_vrss_prpr_sign", "최저가대비현재가부호")]
    public partial ChangeSign? LowSign { get; init; }

    /// <summary>The last price against the lowest price.</summary>
    [Column("lwpr_vrss_prpr", "최저가대비현재가", Unit = "KRW")]
    public partial decimal? LowChange { get; init; }

    /// <summary>The business day.</summary>
    [Column("bsop_date", "기준일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The session and the kind of the trade.</summary>
    [Column("new_mkop_cls_code", "신규시장분류코드")]
    public partial MarketOperation? MarketOperation { get; init; }

    /// <summary>Whether trading is halted.</summary>
    [Column("trht_yn", "거래정지여부")]
    public partial YesNo? IsHalted { get; init; }

    /// <summary>The quantity of the best offer.</summary>
    [Column("askp_rsqn1", "매도호가잔량1", Unit = "warrants")]
    public partial long? AskQuantity { get; init; }

    /// <summary>The quantity of the best bid.</summary>
    [Column("bidp_rsqn1", "매수호가잔량1", Unit = "warrants")]
    public partial long? BidQuantity { get; init; }

    /// <summary>The quantity of all offers.</summary>
    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "warrants")]
    public partial long? TotalAskQuantity { get; init; }

    /// <summary>The quantity of all bids.</summary>
    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "warrants")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary>The time value.</summary>
    [Column("tmvl_val", "시간가치값", Unit = "KRW")]
    public partial decimal? TimeValue { get; init; }

    /// <summary>The parity.</summary>
    [Column("prit", "패리티", Unit = "%")]
    public partial decimal? Parity { get; init; }

    /// <summary>The premium.</summary>
    [Column("prmm_val", "프리미엄값", Unit = "KRW")]
    public partial decimal? Premium { get; init; }

    /// <summary>The gearing.</summary>
    [Column("gear", "기어링")]
    public partial decimal? Gearing { get; init; }

    /// <summary>The change of the underlying at which the holder breaks even.</summary>
    [Column("prls_qryr_rate", "손익분기비율", Unit = "%")]
    public partial decimal? BreakEvenRate { get; init; }

    /// <summary>The intrinsic value.</summary>
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

    /// <summary>The delta.</summary>
    [Column("delta", "델타")]
    public partial decimal? Delta { get; init; }

    /// <summary>The gamma.</summary>
    [Column("gama", "감마")]
    public partial decimal? Gamma { get; init; }

    /// <summary>The vega.</summary>
    [Column("vega", "베가")]
    public partial decimal? Vega { get; init; }

    /// <summary>The theta.</summary>
    [Column("theta", "세타")]
    public partial decimal? Theta { get; init; }

    /// <summary>The rho.</summary>
    [Column("rho", "로우")]
    public partial decimal? Rho { get; init; }

    /// <summary>The implied volatility.</summary>
    [Column("hts_ints_vltl", "HTS내재변동성", Unit = "%")]
    public partial decimal? ImpliedVolatility { get; init; }

    /// <summary>The theoretical price.</summary>
    [Column("hts_thpr", "HTS이론가", Unit = "KRW")]
    public partial decimal? TheoreticalPrice { get; init; }

    /// <summary>The volume traded today relative to the listed quantity.</summary>
    [Column("vol_tnrt", "거래량회전율", Unit = "%")]
    public partial decimal? TurnoverRate { get; init; }

    /// <summary>The volume of the previous day up to the same time.</summary>
    [Column("prdy_smns_hour_acml_vol", "전일동시간누적거래량", Unit = "warrants")]
    public partial long? PreviousVolumeAtTime { get; init; }

    /// <summary>Today's volume relative to that of the previous day up to the same time.</summary>
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
