using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The expected price of a stock in a call auction (국내주식 실시간예상체결). KRX has 45 columns, or 46 with the reference price; NXT and
/// the consolidated feed have 46, or 47 with one more whose meaning is not known. Source: the broker's documents 실시간-041 and
/// those of NXT and the consolidated feed.
/// </summary>
[Feed(
    "H0UNANC0", Member = "Consolidated", IsExpected = true, Alias = "expected", Korean = "국내주식 실시간예상체결(통합)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0STANC0", Member = "Krx", IsExpected = true, Alias = "expected-krx", Korean = "국내주식 실시간예상체결 (KRX)", Market = FeedMarket.Stocks,
    Document = "실시간-041", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}",
    ElementCase = ElementCase.Lower, MockSource = "API document 2026-09-11")]
[Feed(
    "H0NXANC0", Member = "Nxt", IsExpected = true, Alias = "expected-nxt", Korean = "국내주식 실시간예상체결 (NXT)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Revision(45, TrId = "H0STANC0")]
[Revision(46, TrId = "H0STANC0")]
public readonly partial record struct ExpectedTrade
{
    /// <summary>The short code of the stock.</summary>
    [Column("MKSC_SHRN_ISCD", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("STCK_CNTG_HOUR", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The expected price.</summary>
    [Column("STCK_PRPR", "주식현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("PRDY_VRSS_SIGN", "전일대비구분")]
    public partial ChangeSign? Sign { get; init; }

    [Column("PRDY_VRSS", "전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    [Column("PRDY_CTRT", "등락율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    [Column("WGHN_AVRG_STCK_PRC", "가중평균주식가격", Unit = "KRW")]
    public partial decimal? AveragePrice { get; init; }

    [Column("STCK_OPRC", "시가", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    [Column("STCK_HGPR", "고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    [Column("STCK_LWPR", "저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }

    [Column("ASKP1", "매도호가", Unit = "KRW")]
    public partial decimal? AskPrice { get; init; }

    [Column("BIDP1", "매수호가", Unit = "KRW")]
    public partial decimal? BidPrice { get; init; }

    /// <summary>The expected volume.</summary>
    [Column("CNTG_VOL", "거래량", Unit = "shares")]
    public partial long? Volume { get; init; }

    /// <summary>
    /// The volume in the field 누적거래량. The documents do not say whether it includes the expected volume; it is not counted as traded.
    /// </summary>
    [Column("ACML_VOL", "누적거래량", Unit = "shares")]
    public partial long? AccumulatedVolume { get; init; }

    /// <summary>The value in the field 누적거래대금, not counted as traded, as for <see cref="AccumulatedVolume"/>.</summary>
    [Column("ACML_TR_PBMN", "누적거래대금", Unit = "KRW")]
    public partial long? AccumulatedValue { get; init; }

    /// <summary>The number of trades that a sell order caused (매도체결건수).</summary>
    [Column("SELN_CNTG_CSNU", "매도체결건수", Unit = "trades")]
    public partial long? SellTradeCount { get; init; }

    /// <summary>The number of trades that a buy order caused (매수체결건수).</summary>
    [Column("SHNU_CNTG_CSNU", "매수체결건수", Unit = "trades")]
    public partial long? BuyTradeCount { get; init; }

    [Column("NTBY_CNTG_CSNU", "순매수체결건수", Unit = "trades")]
    public partial long? NetBuyTradeCount { get; init; }

    [Column("CTTR", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    /// <summary>The volume that sell orders caused (총매도수량).</summary>
    [Column("SELN_CNTG_SMTN", "총매도수량", Unit = "shares")]
    public partial long? SellVolume { get; init; }

    /// <summary>The volume that buy orders caused (총매수수량).</summary>
    [Column("SHNU_CNTG_SMTN", "총매수수량", Unit = "shares")]
    public partial long? BuyVolume { get; init; }

    /// <summary>The side of the expected trade (체결구분).</summary>
    [Column("CNTG_CLS_CODE", "체결구분")]
    public partial TradeSide? Side { get; init; }

    [Column("SHNU_RATE", "매수비율")]
    public partial decimal? BuyRate { get; init; }

    [Column("PRDY_VOL_VRSS_ACML_VOL_RATE", "전일거래량대비등락율", Unit = "%")]
    public partial decimal? VolumeRate { get; init; }

    [Column("OPRC_HOUR", "시가시간")]
    public partial TimeOnly? OpenTime { get; init; }

    [Column("OPRC_VRSS_PRPR_SIGN", "시가대비구분")]
    public partial ChangeSign? OpenSign { get; init; }

    [Column("OPRC_VRSS_PRPR", "시가대비", Unit = "KRW")]
    public partial decimal? OpenChange { get; init; }

    [Column("HGPR_HOUR", "최고가시간")]
    public partial TimeOnly? HighTime { get; init; }

    [Column("HGPR_VRSS_PRPR_SIGN", "고가대비구분")]
    public partial ChangeSign? HighSign { get; init; }

    [Column("HGPR_VRSS_PRPR", "고가대비", Unit = "KRW")]
    public partial decimal? HighChange { get; init; }

    [Column("LWPR_HOUR", "최저가시간")]
    public partial TimeOnly? LowTime { get; init; }

    [Column("LWPR_VRSS_PRPR_SIGN", "저가대비구분")]
    public partial ChangeSign? LowSign { get; init; }

    [Column("LWPR_VRSS_PRPR", "저가대비", Unit = "KRW")]
    public partial decimal? LowChange { get; init; }

    /// <summary>The business day.</summary>
    [Column("BSOP_DATE", "영업일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    [Column("NEW_MKOP_CLS_CODE", "신장운영구분코드")]
    public partial MarketOperation? MarketOperation { get; init; }

    [Column("TRHT_YN", "거래정지여부")]
    public partial YesNo? IsHalted { get; init; }

    [Column("ASKP_RSQN1", "매도호가잔량1", Unit = "shares")]
    public partial long? AskQuantity { get; init; }

    [Column("BIDP_RSQN1", "매수호가잔량1", Unit = "shares")]
    public partial long? BidQuantity { get; init; }

    [Column("TOTAL_ASKP_RSQN", "총매도호가잔량", Unit = "shares")]
    public partial long? TotalAskQuantity { get; init; }

    [Column("TOTAL_BIDP_RSQN", "총매수호가잔량", Unit = "shares")]
    public partial long? TotalBidQuantity { get; init; }

    /// <summary><see cref="AccumulatedVolume"/> relative to the listed quantity.</summary>
    [Column("VOL_TNRT", "거래량회전율", Unit = "%")]
    public partial decimal? TurnoverRate { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL", "전일동시간누적거래량", Unit = "shares")]
    public partial long? PreviousVolumeAtTime { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL_RATE", "전일동시간누적거래량비율", Unit = "%")]
    public partial decimal? PreviousVolumeAtTimeRate { get; init; }

    [Column("HOUR_CLS_CODE", "시간구분코드")]
    public partial TradingPhase? Phase { get; init; }

    /// <summary>The code of a random end (임의종료); its values are not documented.</summary>
    [Column("MRKT_TRTM_CLS_CODE", "임의종료구분코드")]
    public partial string? ExtensionCode { get; init; }

    /// <summary>The reference price of the static volatility interruption (정적VI발동기준가).</summary>
    [Column("VI_STND_PRC", "VI 상태값", Unit = "KRW")]
    public partial decimal? ViReferencePrice { get; init; }
}
