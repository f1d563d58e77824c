using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// Program trading of a whole market (국내지수 실시간프로그램매매), 88 columns: what was sold and bought by arbitrage and other programs, for clients
/// and on own account. Volumes and values accumulate over the day. Source: the broker's document 실시간-028; its table misspells some elements
/// (SHUN, SMTM, QT, RAT), which are kept here.
/// </summary>
[Feed(
    "H0UPPGM0", Member = "Feed", Alias = "index-program", Korean = "국내지수 실시간프로그램매매", Market = FeedMarket.Indices, Document = "실시간-028",
    KeyMeaning = "sector code (업종구분코드)", KeyExample = "0001", KeyForm = "[0-9]{4}", MockSource = "API document 2026-09-11")]
public readonly partial record struct IndexProgramTrade
{
    /// <summary>The sector code: 0001 KOSPI, 1001 KOSDAQ, 2001 KOSPI 200.</summary>
    [Column("bstp_cls_code", "업종 구분 코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("bsop_hour", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>Arbitrage trades for clients (차익 위탁).</summary>
    [GroupColumn("arbt_seln_entm_cnqn", "차익 매도 위탁 체결량", nameof(ArbitrageClients), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_seln_onsl_cnqn", "차익 매도 자기 체결량", nameof(ArbitrageOwn), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_shnu_entm_cnqn", "차익 매수2 위탁 체결량", nameof(ArbitrageClients), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_shnu_onsl_cnqn", "차익 매수2 자기 체결량", nameof(ArbitrageOwn), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "nabt_seln_entm_cnqn", "비차익 매도 위탁 체결량", nameof(NonArbitrageClients), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("nabt_seln_onsl_cnqn", "비차익 매도 자기 체결량", nameof(NonArbitrageOwn), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "nabt_shnu_entm_cnqn", "비차익 매수2 위탁 체결량", nameof(NonArbitrageClients), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("nabt_shnu_onsl_cnqn", "비차익 매수2 자기 체결량", nameof(NonArbitrageOwn), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "arbt_seln_entm_cntg_amt", "차익 매도 위탁 체결 금액", nameof(ArbitrageClients), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_seln_onsl_cntg_amt", "차익 매도 자기 체결 금액", nameof(ArbitrageOwn), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn(
        "arbt_shnu_entm_cntg_amt", "차익 매수2 위탁 체결 금액", nameof(ArbitrageClients), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_shnu_onsl_cntg_amt", "차익 매수2 자기 체결 금액", nameof(ArbitrageOwn), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn(
        "nabt_seln_entm_cntg_amt", "비차익 매도 위탁 체결 금액", nameof(NonArbitrageClients), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn(
        "nabt_seln_onsl_cntg_amt", "비차익 매도 자기 체결 금액", nameof(NonArbitrageOwn), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn(
        "nabt_shnu_entm_cntg_amt", "비차익 매수2 위탁 체결 금액", nameof(NonArbitrageClients), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn(
        "nabt_shnu_onsl_cntg_amt", "비차익 매수2 자기 체결 금액", nameof(NonArbitrageOwn), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_smtn_seln_vol", "차익 합계 매도 거래량", nameof(Arbitrage), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_smtm_seln_vol_rate", "차익 합계 매도 거래량 비율", nameof(Arbitrage), nameof(ProgramFlow.SellVolumeRate), Unit = "%")]
    [GroupColumn("arbt_smtn_seln_tr_pbmn", "차익 합계 매도 거래 대금", nameof(Arbitrage), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_smtm_seln_tr_pbmn_rate", "차익 합계 매도 거래대금 비율", nameof(Arbitrage), nameof(ProgramFlow.SellValueRate), Unit = "%")]
    [GroupColumn("arbt_smtn_shnu_vol", "차익 합계 매수2 거래량", nameof(Arbitrage), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_smtm_shnu_vol_rate", "차익 합계 매수 거래량 비율", nameof(Arbitrage), nameof(ProgramFlow.BuyVolumeRate), Unit = "%")]
    [GroupColumn("arbt_smtn_shnu_tr_pbmn", "차익 합계 매수2 거래 대금", nameof(Arbitrage), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_smtm_shnu_tr_pbmn_rate", "차익 합계 매수 거래대금 비율", nameof(Arbitrage), nameof(ProgramFlow.BuyValueRate), Unit = "%")]
    [GroupColumn("arbt_smtn_ntby_qty", "차익 합계 순매수 수량", nameof(Arbitrage), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_smtm_ntby_qty_rate", "차익 합계 순매수 수량 비율", nameof(Arbitrage), nameof(ProgramFlow.NetVolumeRate), Unit = "%")]
    [GroupColumn("arbt_smtn_ntby_tr_pbmn", "차익 합계 순매수 거래 대금", nameof(Arbitrage), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_smtm_ntby_tr_pbmn_rate", "차익 합계 순매수 거래대금 비율", nameof(Arbitrage), nameof(ProgramFlow.NetValueRate), Unit = "%")]
    [GroupColumn("nabt_smtn_seln_vol", "비차익 합계 매도 거래량", nameof(NonArbitrage), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("nabt_smtm_seln_vol_rate", "비차익 합계 매도 거래량 비율", nameof(NonArbitrage), nameof(ProgramFlow.SellVolumeRate), Unit = "%")]
    [GroupColumn("nabt_smtn_seln_tr_pbmn", "비차익 합계 매도 거래 대금", nameof(NonArbitrage), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn("nabt_smtm_seln_tr_pbmn_rate", "비차익 합계 매도 거래대금 비율", nameof(NonArbitrage), nameof(ProgramFlow.SellValueRate), Unit = "%")]
    [GroupColumn("nabt_smtn_shnu_vol", "비차익 합계 매수2 거래량", nameof(NonArbitrage), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("nabt_smtm_shnu_vol_rate", "비차익 합계 매수 거래량 비율", nameof(NonArbitrage), nameof(ProgramFlow.BuyVolumeRate), Unit = "%")]
    [GroupColumn("nabt_smtn_shnu_tr_pbmn", "비차익 합계 매수2 거래 대금", nameof(NonArbitrage), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("nabt_smtm_shnu_tr_pbmn_rate", "비차익 합계 매수 거래대금 비율", nameof(NonArbitrage), nameof(ProgramFlow.BuyValueRate), Unit = "%")]
    [GroupColumn("nabt_smtn_ntby_qty", "비차익 합계 순매수 수량", nameof(NonArbitrage), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn("nabt_smtm_ntby_qty_rate", "비차익 합계 순매수 수량 비율", nameof(NonArbitrage), nameof(ProgramFlow.NetVolumeRate), Unit = "%")]
    [GroupColumn("nabt_smtn_ntby_tr_pbmn", "비차익 합계 순매수 거래 대금", nameof(NonArbitrage), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("nabt_smtm_ntby_tr_pbmn_rate", "비차익 합계 순매수 거래대금 비율", nameof(NonArbitrage), nameof(ProgramFlow.NetValueRate), Unit = "%")]
    [GroupColumn("whol_entm_seln_vol", "전체 위탁 매도 거래량", nameof(Clients), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("entm_seln_vol_rate", "위탁 매도 거래량 비율", nameof(Clients), nameof(ProgramFlow.SellVolumeRate), Unit = "%")]
    [GroupColumn("whol_entm_seln_tr_pbmn", "전체 위탁 매도 거래 대금", nameof(Clients), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn("entm_seln_tr_pbmn_rate", "위탁 매도 거래대금 비율", nameof(Clients), nameof(ProgramFlow.SellValueRate), Unit = "%")]
    [GroupColumn("whol_entm_shnu_vol", "전체 위탁 매수2 거래량", nameof(Clients), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("entm_shnu_vol_rate", "위탁 매수 거래량 비율", nameof(Clients), nameof(ProgramFlow.BuyVolumeRate), Unit = "%")]
    [GroupColumn("whol_entm_shnu_tr_pbmn", "전체 위탁 매수2 거래 대금", nameof(Clients), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("entm_shnu_tr_pbmn_rate", "위탁 매수 거래대금 비율", nameof(Clients), nameof(ProgramFlow.BuyValueRate), Unit = "%")]
    [GroupColumn("whol_entm_ntby_qt", "전체 위탁 순매수 수량", nameof(Clients), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn("entm_ntby_qty_rat", "위탁 순매수 수량 비율", nameof(Clients), nameof(ProgramFlow.NetVolumeRate), Unit = "%")]
    [GroupColumn("whol_entm_ntby_tr_pbmn", "전체 위탁 순매수 거래 대금", nameof(Clients), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("entm_ntby_tr_pbmn_rate", "위탁 순매수 금액 비율", nameof(Clients), nameof(ProgramFlow.NetValueRate), Unit = "%")]
    [GroupColumn("whol_onsl_seln_vol", "전체 자기 매도 거래량", nameof(Own), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares")]
    [GroupColumn("onsl_seln_vol_rate", "자기 매도 거래량 비율", nameof(Own), nameof(ProgramFlow.SellVolumeRate), Unit = "%")]
    [GroupColumn("whol_onsl_seln_tr_pbmn", "전체 자기 매도 거래 대금", nameof(Own), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW")]
    [GroupColumn("onsl_seln_tr_pbmn_rate", "자기 매도 거래대금 비율", nameof(Own), nameof(ProgramFlow.SellValueRate), Unit = "%")]
    [GroupColumn("whol_onsl_shnu_vol", "전체 자기 매수2 거래량", nameof(Own), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares")]
    [GroupColumn("onsl_shnu_vol_rate", "자기 매수 거래량 비율", nameof(Own), nameof(ProgramFlow.BuyVolumeRate), Unit = "%")]
    [GroupColumn("whol_onsl_shnu_tr_pbmn", "전체 자기 매수2 거래 대금", nameof(Own), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW")]
    [GroupColumn("onsl_shnu_tr_pbmn_rate", "자기 매수 거래대금 비율", nameof(Own), nameof(ProgramFlow.BuyValueRate), Unit = "%")]
    [GroupColumn("whol_onsl_ntby_qty", "전체 자기 순매수 수량", nameof(Own), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn("onsl_ntby_qty_rate", "자기 순매수량 비율", nameof(Own), nameof(ProgramFlow.NetVolumeRate), Unit = "%")]
    [GroupColumn("whol_onsl_ntby_tr_pbmn", "전체 자기 순매수 거래 대금", nameof(Own), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("onsl_ntby_tr_pbmn_rate", "자기 순매수 대금 비율", nameof(Own), nameof(ProgramFlow.NetValueRate), Unit = "%")]
    [GroupColumn(
        "total_seln_qty", "총 매도 수량", nameof(Total), nameof(ProgramFlow.SellVolume), Unit = "1,000 shares",
        Role = ColumnRole.CumulativeVolume)]
    [GroupColumn("whol_seln_vol_rate", "전체 매도 거래량 비율", nameof(Total), nameof(ProgramFlow.SellVolumeRate), Unit = "%")]
    [GroupColumn(
        "total_seln_tr_pbmn", "총 매도 거래 대금", nameof(Total), nameof(ProgramFlow.SellValue), Unit = "1,000,000 KRW",
        Role = ColumnRole.CumulativeTurnover)]
    [GroupColumn("whol_seln_tr_pbmn_rate", "전체 매도 거래대금 비율", nameof(Total), nameof(ProgramFlow.SellValueRate), Unit = "%")]
    [GroupColumn(
        "shnu_cntg_smtn", "총 매수 수량", nameof(Total), nameof(ProgramFlow.BuyVolume), Unit = "1,000 shares",
        Role = ColumnRole.CumulativeVolume)]
    [GroupColumn("whol_shun_vol_rate", "전체 매수 거래량 비율", nameof(Total), nameof(ProgramFlow.BuyVolumeRate), Unit = "%")]
    [GroupColumn(
        "total_shnu_tr_pbmn", "총 매수2 거래 대금", nameof(Total), nameof(ProgramFlow.BuyValue), Unit = "1,000,000 KRW",
        Role = ColumnRole.CumulativeTurnover)]
    [GroupColumn("whol_shun_tr_pbmn_rate", "전체 매수 거래대금 비율", nameof(Total), nameof(ProgramFlow.BuyValueRate), Unit = "%")]
    [GroupColumn(
        "whol_ntby_qty", "전체 순매수 수량", nameof(Total), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares", Role = ColumnRole.NetVolume)]
    [GroupColumn("whol_smtm_ntby_qty_rate", "전체 합계 순매수 수량 비율", nameof(Total), nameof(ProgramFlow.NetVolumeRate), Unit = "%")]
    [GroupColumn(
        "whol_ntby_tr_pbmn", "전체 순매수 거래 대금", nameof(Total), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW",
        Role = ColumnRole.NetTurnover)]
    [GroupColumn("whol_ntby_tr_pbmn_rate", "전체 순매수 거래대금 비율", nameof(Total), nameof(ProgramFlow.NetValueRate), Unit = "%")]
    [GroupColumn("arbt_entm_ntby_qty", "차익 위탁 순매수 수량", nameof(ArbitrageClients), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "arbt_entm_ntby_tr_pbmn", "차익 위탁 순매수 거래 대금", nameof(ArbitrageClients), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("arbt_onsl_ntby_qty", "차익 자기 순매수 수량", nameof(ArbitrageOwn), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn("arbt_onsl_ntby_tr_pbmn", "차익 자기 순매수 거래 대금", nameof(ArbitrageOwn), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("nabt_entm_ntby_qty", "비차익 위탁 순매수 수량", nameof(NonArbitrageClients), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "nabt_entm_ntby_tr_pbmn", "비차익 위탁 순매수 거래 대금", nameof(NonArbitrageClients), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    [GroupColumn("nabt_onsl_ntby_qty", "비차익 자기 순매수 수량", nameof(NonArbitrageOwn), nameof(ProgramFlow.NetVolume), Unit = "1,000 shares")]
    [GroupColumn(
        "nabt_onsl_ntby_tr_pbmn", "비차익 자기 순매수 거래 대금", nameof(NonArbitrageOwn), nameof(ProgramFlow.NetValue), Unit = "1,000,000 KRW")]
    public partial ProgramFlow ArbitrageClients { get; init; }

    /// <summary>Arbitrage trades on members' own account (차익 자기).</summary>
    public partial ProgramFlow ArbitrageOwn { get; init; }

    /// <summary>Non-arbitrage trades for clients (비차익 위탁).</summary>
    public partial ProgramFlow NonArbitrageClients { get; init; }

    /// <summary>Non-arbitrage trades on members' own account (비차익 자기).</summary>
    public partial ProgramFlow NonArbitrageOwn { get; init; }

    /// <summary>Arbitrage trades (차익) of all.</summary>
    public partial ProgramFlow Arbitrage { get; init; }

    /// <summary>Non-arbitrage trades (비차익) of all.</summary>
    public partial ProgramFlow NonArbitrage { get; init; }

    /// <summary>Program trades for clients (위탁).</summary>
    public partial ProgramFlow Clients { get; init; }

    /// <summary>Program trades on members' own account (자기).</summary>
    public partial ProgramFlow Own { get; init; }

    /// <summary>All program trades (전체).</summary>
    public partial ProgramFlow Total { get; init; }

    [Column("acml_vol", "누적 거래량", Unit = "1,000 shares")]
    public partial long? AccumulatedVolume { get; init; }

    [Column("acml_tr_pbmn", "누적 거래 대금", Unit = "1,000,000 KRW")]
    public partial long? AccumulatedValue { get; init; }
}
