using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// Program trading in one stock (국내주식 실시간프로그램매매), 11 columns, the same on every venue: NXT, KRX, and both consolidated. Volumes and values
/// accumulate over the day. Source: the broker's documents of the three feeds; the units are observed, not documented.
/// </summary>
[Feed(
    "H0NXPGM0", Member = "Nxt", Alias = "program-nxt", Market = FeedMarket.Stocks, KeyForm = "Q?[0-9A-Z]{6}",
    Korean = "국내주식 실시간프로그램매매 (NXT)", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", MockSource = "API document 2026-09-11")]
[Feed(
    "H0UNPGM0", Member = "Consolidated", Alias = "program", Market = FeedMarket.Stocks, KeyForm = "Q?[0-9A-Z]{6}",
    Korean = "국내주식 실시간프로그램매매 (통합)", KeyMeaning = "stock code (종목코드)", KeyExample = "005930", MockSource = "API document 2026-09-11")]
[Feed(
    "H0STPGM0", Member = "Krx", Alias = "program-krx", Market = FeedMarket.Stocks, KeyForm = "Q?[0-9A-Z]{6}",
    Korean = "국내주식 실시간프로그램매매 (KRX)", Document = "실시간-048", KeyMeaning = "stock code (종목코드)", KeyExample = "005930",
    ElementCase = ElementCase.Lower, MockSource = "API document 2026-09-11")]
public readonly partial record struct ProgramTrade
{
    /// <summary>The short stock code.</summary>
    [Column("MKSC_SHRN_ISCD", "유가증권 단축 종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The time of the update, Korea time.</summary>
    [Column("STCK_CNTG_HOUR", "주식 체결 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>Shares sold by programs today.</summary>
    [Column("SELN_CNQN", "매도 체결량", Unit = "shares", Role = ColumnRole.CumulativeVolume)]
    public partial long? SellVolume { get; init; }

    /// <summary>The value of the shares sold.</summary>
    [Column("SELN_TR_PBMN", "매도 거래 대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? SellValue { get; init; }

    /// <summary>Shares bought by programs today.</summary>
    [Column("SHNU_CNQN", "매수2 체결량", Unit = "shares", Role = ColumnRole.CumulativeVolume)]
    public partial long? BuyVolume { get; init; }

    /// <summary>The value of the shares bought.</summary>
    [Column("SHNU_TR_PBMN", "매수2 거래 대금", Unit = "KRW", Role = ColumnRole.CumulativeTurnover)]
    public partial long? BuyValue { get; init; }

    /// <summary>Shares bought minus shares sold.</summary>
    [Column("NTBY_CNQN", "순매수 체결량", Unit = "shares", Role = ColumnRole.NetVolume)]
    public partial long? NetVolume { get; init; }

    /// <summary>The value bought minus the value sold.</summary>
    [Column("NTBY_TR_PBMN", "순매수 거래 대금", Unit = "KRW", Role = ColumnRole.NetTurnover)]
    public partial long? NetValue { get; init; }

    /// <summary>Shares that programs still offer for sale.</summary>
    [Column("SELN_RSQN", "매도호가잔량", Unit = "shares")]
    public partial long? RestingSellVolume { get; init; }

    /// <summary>Shares that programs still bid for.</summary>
    [Column("SHNU_RSQN", "매수호가잔량", Unit = "shares")]
    public partial long? RestingBuyVolume { get; init; }

    /// <summary>Shares bid for minus shares offered.</summary>
    [Column("WHOL_NTBY_QTY", "전체순매수호가잔량", Unit = "shares")]
    public partial long? RestingNetVolume { get; init; }
}
