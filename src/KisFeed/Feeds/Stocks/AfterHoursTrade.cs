using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade, or the expected price, of a stock in the single-price session after hours (국내주식 시간외 실시간체결가, 실시간예상체결), 43 columns. Source: the
/// broker's documents 실시간-042 and 실시간-024.
/// </summary>
[Feed(
    "H0STOUP0", Member = "Feed", Alias = "after-hours", Korean = "국내주식 시간외 실시간체결가 (KRX)", Market = FeedMarket.Stocks, Document = "실시간-042",
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0STOAC0", Member = "Expected", IsExpected = true, Alias = "after-hours-expected", Korean = "국내주식 시간외 실시간예상체결 (KRX)",
    Market = FeedMarket.Stocks, Document = "실시간-024", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct AfterHoursTrade
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("stck_cntg_hour", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("stck_prpr", "주식현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("prdy_vrss_sign", "전일대비구분")]
    public partial ChangeSign? Sign { get; init; }

    [Column("prdy_vrss", "전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    [Column("prdy_ctrt", "등락율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("wghn_avrg_stck_prc", "가중평균주식가격", Unit = "KRW")]
    public partial decimal? AveragePrice { get; init; }

    [Column("stck_oprc", "시가", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    [Column("stck_hgpr", "고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    [Column("stck_lwpr", "저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    [Column("askp1", "매도호가", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    [Column("bidp1", "매수호가", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    [Column("cntg_vol", "거래량", Unit = "shares", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("acml_vol", "누적거래량", Unit = "shares", Role = ColumnRole.CumulativeVolume)]
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

    [Column("seln_cntg_smtn", "총매도수량", Unit = "shares")]
    public partial long? SellVolume { get; init; }

    [Column("shnu_cntg_smtn", "총매수수량", Unit = "shares")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The side that caused the trade.</summary>
    [Column("cntg_cls_code", "체결구분")]
    public partial TradeSide? Side { get; init; }

    [Column("shnu_rate", "매수비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("prdy_vol_vrss_acml_vol_rate", "전일거래량대비등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    [Column("oprc_hour", "시가시간")]
    public partial TimeOnly? OpenTime { get; init; }

    [Column("oprc_vrss_prpr_sign", "시가대비구분")]
    public partial ChangeSign? OpenSign { get; init; }

    [Column("oprc_vrss_prpr", "시가대비", Unit = "KRW")]
    public partial decimal? OpenChange { get; init; }

    [Column("hgpr_hour", "최고가시간")]
    public partial TimeOnly? HighTime { get; init; }

    [Column("hgpr_vrss_prpr_sign", "고가대비구분")]
    public partial ChangeSign? HighSign { get; init; }

    [Column("hgpr_vrss_prpr", "고가대비", Unit = "KRW")]
    public partial decimal? HighChange { get; init; }

    [Column("lwpr_hour", "최저가시간")]
    public partial TimeOnly? LowTime { get; init; }

    [Column("lwpr_vrss_prpr_sign", "저가대비구분")]
    public partial ChangeSign? LowSign { get; init; }

    [Column("lwpr_vrss_prpr", "저가대비", Unit = "KRW")]
    public partial decimal? LowChange { get; init; }

    /// <summary>The business day.</summary>
    [Column("bsop_date", "영업일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    [Column("new_mkop_cls_code", "신장운영구분코드")]
    public partial MarketOperation? MarketOperation { get; init; }

    [Column("trht_yn", "거래정지여부")]
    public partial YesNo? IsHalted { get; init; }

    [Column("askp_rsqn1", "매도호가잔량1", Unit = "shares")]
    public partial long? AskQuantity { get; init; }

    [Column("bidp_rsqn1", "매수호가잔량1", Unit = "shares")]
    public partial long? BidQuantity { get; init; }

    [Column("total_askp_rsqn", "총매도호가잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("total_bidp_rsqn", "총매수호가잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("vol_tnrt", "거래량회전율", Unit = "%")]
    public partial decimal? TurnoverRate { get; init; }

    [Column("prdy_smns_hour_acml_vol", "전일동시간누적거래량", Unit = "shares")]
    public partial long? PreviousVolumeAtTime { get; init; }

    [Column("prdy_smns_hour_acml_vol_rate", "전일동시간누적거래량비율", Unit = "%")]
    public partial decimal? PreviousVolumeAtTimeRate { get; init; }
}
