using KisFeed.Feeds;

namespace KisFeed.Tests.Wire;

/// <summary>A stock trade, a feed that the library does not support: 46 columns, or 47 since the broker appended one.</summary>
[Feed("H0STCNT0", Alias = "stock", Korean = "국내주식 실시간체결가 (KRX)", Document = "실시간-003")]
[Revision(46)]
public readonly partial record struct StockTrade
{
    [Column("MKSC_SHRN_ISCD", "유가증권 단축 종목코드", IsKey = true)]
    public partial string MkscShrnIscd { get; init; }

    [Column("STCK_CNTG_HOUR", "주식 체결 시간")]
    public partial TimeOnly? StckCntgHour { get; init; }

    [Column("STCK_PRPR", "주식 현재가")]
    public partial decimal? StckPrpr { get; init; }

    [Column("PRDY_VRSS_SIGN", "전일 대비 부호")]
    public partial ChangeSign? PrdyVrssSign { get; init; }

    [Column("PRDY_VRSS", "전일 대비")]
    public partial decimal? PrdyVrss { get; init; }

    [Column("PRDY_CTRT", "전일 대비율")]
    public partial decimal? PrdyCtrt { get; init; }

    [Column("WGHN_AVRG_STCK_PRC", "가중 평균 주식 가격")]
    public partial decimal? WghnAvrgStckPrc { get; init; }

    [Column("STCK_OPRC", "주식 시가")]
    public partial decimal? StckOprc { get; init; }

    [Column("STCK_HGPR", "주식 최고가")]
    public partial decimal? StckHgpr { get; init; }

    [Column("STCK_LWPR", "주식 최저가")]
    public partial decimal? StckLwpr { get; init; }

    [Column("ASKP1", "매도호가1")]
    public partial decimal? Askp1 { get; init; }

    [Column("BIDP1", "매수호가1")]
    public partial decimal? Bidp1 { get; init; }

    [Column("CNTG_VOL", "체결 거래량")]
    public partial long? CntgVol { get; init; }

    [Column("ACML_VOL", "누적 거래량")]
    public partial long? AcmlVol { get; init; }

    [Column("ACML_TR_PBMN", "누적 거래 대금")]
    public partial long? AcmlTrPbmn { get; init; }

    [Column("SELN_CNTG_CSNU", "매도 체결 건수")]
    public partial long? SelnCntgCsnu { get; init; }

    [Column("SHNU_CNTG_CSNU", "매수 체결 건수")]
    public partial long? ShnuCntgCsnu { get; init; }

    [Column("NTBY_CNTG_CSNU", "순매수 체결 건수")]
    public partial long? NtbyCntgCsnu { get; init; }

    [Column("CTTR", "체결강도")]
    public partial decimal? Cttr { get; init; }

    [Column("SELN_CNTG_SMTN", "총 매도 수량")]
    public partial long? SelnCntgSmtn { get; init; }

    [Column("SHNU_CNTG_SMTN", "총 매수 수량")]
    public partial long? ShnuCntgSmtn { get; init; }

    [Column("CCLD_DVSN", "체결구분")]
    public partial string? CcldDvsn { get; init; }

    [Column("SHNU_RATE", "매수비율")]
    public partial decimal? ShnuRate { get; init; }

    [Column("PRDY_VOL_VRSS_ACML_VOL_RATE", "전일 거래량 대비 등락율")]
    public partial decimal? PrdyVolVrssAcmlVolRate { get; init; }

    [Column("OPRC_HOUR", "시가 시간")]
    public partial TimeOnly? OprcHour { get; init; }

    [Column("OPRC_VRSS_PRPR_SIGN", "시가대비구분")]
    public partial ChangeSign? OprcVrssPrprSign { get; init; }

    [Column("OPRC_VRSS_PRPR", "시가대비")]
    public partial decimal? OprcVrssPrpr { get; init; }

    [Column("HGPR_HOUR", "최고가 시간")]
    public partial TimeOnly? HgprHour { get; init; }

    [Column("HGPR_VRSS_PRPR_SIGN", "고가대비구분")]
    public partial ChangeSign? HgprVrssPrprSign { get; init; }

    [Column("HGPR_VRSS_PRPR", "고가대비")]
    public partial decimal? HgprVrssPrpr { get; init; }

    [Column("LWPR_HOUR", "최저가 시간")]
    public partial TimeOnly? LwprHour { get; init; }

    [Column("LWPR_VRSS_PRPR_SIGN", "저가대비구분")]
    public partial ChangeSign? LwprVrssPrprSign { get; init; }

    [Column("LWPR_VRSS_PRPR", "저가대비")]
    public partial decimal? LwprVrssPrpr { get; init; }

    [Column("BSOP_DATE", "영업 일자")]
    public partial string? BsopDate { get; init; }

    [Column("NEW_MKOP_CLS_CODE", "신 장운영 구분 코드")]
    public partial string? NewMkopClsCode { get; init; }

    [Column("TRHT_YN", "거래정지 여부")]
    public partial string? TrhtYn { get; init; }

    [Column("ASKP_RSQN1", "매도호가 잔량1")]
    public partial long? AskpRsqn1 { get; init; }

    [Column("BIDP_RSQN1", "매수호가 잔량1")]
    public partial long? BidpRsqn1 { get; init; }

    [Column("TOTAL_ASKP_RSQN", "총 매도호가 잔량")]
    public partial long? TotalAskpRsqn { get; init; }

    [Column("TOTAL_BIDP_RSQN", "총 매수호가 잔량")]
    public partial long? TotalBidpRsqn { get; init; }

    [Column("VOL_TNRT", "거래량 회전율")]
    public partial decimal? VolTnrt { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL", "전일 동시간 누적 거래량")]
    public partial long? PrdySmnsHourAcmlVol { get; init; }

    [Column("PRDY_SMNS_HOUR_ACML_VOL_RATE", "전일 동시간 누적 거래량 비율")]
    public partial decimal? PrdySmnsHourAcmlVolRate { get; init; }

    [Column("HOUR_CLS_CODE", "시간 구분 코드")]
    public partial string? HourClsCode { get; init; }

    [Column("MRKT_TRTM_CLS_CODE", "임의종료구분코드")]
    public partial string? MrktTrtmClsCode { get; init; }

    [Column("VI_STND_PRC", "정적VI발동기준가")]
    public partial decimal? ViStndPrc { get; init; }

    [Column("MARKET_CLS_CODE", "시장 구분 코드")]
    public partial string? MarketClsCode { get; init; }
}
