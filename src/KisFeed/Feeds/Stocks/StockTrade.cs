using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in a stock (국내주식 실시간체결가), 47 columns, the same on every venue: KRX, NXT, and both consolidated. Up to 2026-09-13 there were 46:
/// the session of the market is new. Source: the broker's document 실시간-003 and a report of the new column.
/// </summary>
[Feed(
    "H0UNCNT0", Member = "Consolidated", Alias = "trade", Korean = "국내주식 실시간체결가 (통합)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", Renamed = ["CCLD_DVSN=CNTG_CLS_CODE"],
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0STCNT0", MockTrId = "H0STCNT0", Member = "Krx", Alias = "trade-krx", Korean = "국내주식 실시간체결가(KRX)", Market = FeedMarket.Stocks,
    Document = "실시간-003", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}",
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0NXCNT0", Member = "Nxt", Alias = "trade-nxt", Korean = "국내주식 실시간체결가 (NXT)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", Renamed = ["CCLD_DVSN=CNTG_CLS_CODE"],
    MockSource = "API document 2026-09-11")]
[Revision(46)]
public readonly partial record struct StockTrade
{
    /// <summary>The short code of the stock.</summary>
    [Column("MKSC_SHRN_ISCD", "유가증권 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("STCK_CNTG_HOUR", "주식 체결 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("STCK_PRPR", "주식 현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("PRDY_VRSS_SIGN", "전일 대비 부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("PRDY_VRSS", "전일 대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    [Column("PRDY_CTRT", "전일 대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("WGHN_AVRG_STCK_PRC", "가중 평균 주식 가격", Unit = "KRW")]
    public partial decimal? AveragePrice { get; init; }

    [Column("STCK_OPRC", "주식 시가", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    [Column("STCK_HGPR", "주식 최고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    [Column("STCK_LWPR", "주식 최저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    [Column("ASKP1", "매도호가1", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    [Column("BIDP1", "매수호가1", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    [Column("CNTG_VOL", "체결 거래량", Unit = "shares", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("ACML_VOL", "누적 거래량", Unit = "shares", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("ACML_TR_PBMN", "누적 거래 대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? AccumulatedValue { get; init; }

    [Column("SELN_CNTG_CSNU", "매도 체결 건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    [Column("SHNU_CNTG_CSNU", "매수 체결 건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    [Column("NTBY_CNTG_CSNU", "순매수 체결 건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    [Column("CTTR", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("SELN_CNTG_SMTN", "총 매도 수량", Unit = "shares")]
    public partial long? SellVolume { get; init; }

    [Column("SHNU_CNTG_SMTN", "총 매수 수량", Unit = "shares")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The side that caused the trade.</summary>
    [Column("CCLD_DVSN", "체결구분")]
    public partial TradeSide? Side { get; init; }

    [Column("SHNU_RATE", "매수비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("PRDY_VOL_VRSS_ACML_VOL_RATE", "전일 거래량 대비 등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    [Column("OPRC_HOUR", "시가 시간")]
    public partial TimeOnly? OpenTime { get; init; }

    [Column("OPRC_VRSS_PRPR_SIGN", "시가대비구분")]
    public partial ChangeSign? OpenSign { get; init; }

    [Column("OPRC_VRSS_PRPR", "시가대비", Unit = "KRW")]
    public partial decimal? OpenChange { get; init; }

    [Column("HGPR_HOUR", "최고가 시간")]
    public partial TimeOnly? HighTime { get; init; }

    [Column("HGPR_VRSS_PRPR_SIGN", "고가대비구분")]
    public partial ChangeSign? HighSign { get; init; }

    [Column("HGPR_VRSS_PRPR", "고가대비", Unit = "KRW")]
    public partial decimal? HighChange { get; init; }

    [Column("LWPR_HOUR", "최저가 시간")]
    public partial TimeOnly? LowTime { get; init; }

    [Column("LWPR_VRSS_PRPR_SIGN", "저가대비구분")]
    public partial ChangeSign? LowSign { get; init; }

    [Column("LWPR_VRSS_PRPR", "저가대비", Unit = "KRW")]
    public partial decimal? LowChange { get; init; }

    /// <summary>The business day.</summary>
    [Column("BSOP_DATE", "영업 일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    [Column("NEW_MKOP_CLS_CODE", "신 장운영 구분 코드")]
    public partial MarketOperation? MarketOperation { get; init; }

    [Column("TRHT_YN", "거래정지 여부")]
    public partial YesNo? IsHalted { get; init; }

    [Column("ASKP_RSQN1", "매도호가 잔량1", Unit = "shares")]
    public partial long? AskQuantity { get; init; }

    [Column("BIDP_RSQN1", "매수호가 잔량1", Unit = "shares")]
    public partial long? BidQuantity { get; init; }

    [Column("TOTAL_ASKP_RSQN", "총 매도호가 잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("TOTAL_BIDP_RSQN", "총 매수호가 잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    [Column("VOL_TNRT", "거래량 회전율", Unit = "%")]
    public partial decimal? TurnoverRate { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL", "전일 동시간 누적 거래량", Unit = "shares")]
    public partial long? PreviousVolumeAtTime { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL_RATE", "전일 동시간 누적 거래량 비율", Unit = "%")]
    public partial decimal? PreviousVolumeAtTimeRate { get; init; }

    [Column("HOUR_CLS_CODE", "시간 구분 코드")]
    public partial TradingPhase? Phase { get; init; }

    /// <summary>The code of a random end (임의종료); its values are not documented.</summary>
    [Column("MRKT_TRTM_CLS_CODE", "임의종료구분코드")]
    public partial string? ExtensionCode { get; init; }

    /// <summary>The reference price of the static volatility interruption (정적VI발동기준가).</summary>
    [Column("VI_STND_PRC", "정적VI발동기준가", Unit = "KRW")]
    public partial decimal? ViReferencePrice { get; init; }

    [Column("MARKET_CLS_CODE", "시장 구분 코드")]
    public partial MarketSession? Session { get; init; }
}
