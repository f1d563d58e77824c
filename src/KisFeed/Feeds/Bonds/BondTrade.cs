using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade of a listed bond (일반채권 실시간체결가), 19 columns. Source: the broker's document 실시간-052; the units are observed, not documented.
/// </summary>
[Feed(
    "H0BJCNT0", Alias = "bond", Market = FeedMarket.Bonds, KeyForm = "[A-Z]{2}[0-9A-Z]{10}", Korean = "일반채권 실시간체결가", Document = "실시간-052",
    KeyMeaning = "standard code (표준종목코드)", KeyExample = "KR103502GA34", MockSource = "API document 2026-09-11")]
public readonly partial record struct BondTrade
{
    /// <summary>The standard code, 12 characters.</summary>
    [Column("STND_ISCD", "표준종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The name of the issue, in Korean.</summary>
    [Column("BOND_ISNM", "채권종목명")]
    public partial string? Name { get; init; }

    /// <summary>The time of the trade, Korea time.</summary>
    [Column("STCK_CNTG_HOUR", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("PRDY_VRSS_SIGN", "전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    [Column("PRDY_VRSS", "전일대비", Unit = "KRW per 10,000 face")]
    public partial decimal? Change { get; init; }

    [Column("PRDY_CTRT", "전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The price.</summary>
    [Column("STCK_PRPR", "현재가", Unit = "KRW per 10,000 face", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    /// <summary>The face value of this trade.</summary>
    [Column("CNTG_VOL", "체결거래량", Unit = "1,000 KRW face", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    [Column("STCK_OPRC", "시가", Unit = "KRW per 10,000 face")]
    public partial decimal? Open { get; init; }

    [Column("STCK_HGPR", "고가", Unit = "KRW per 10,000 face")]
    public partial decimal? High { get; init; }

    [Column("STCK_LWPR", "저가", Unit = "KRW per 10,000 face")]
    public partial decimal? Low { get; init; }

    /// <summary>The previous close; the published sample shows 0.00 here.</summary>
    [Column("STCK_PRDY_CLPR", "전일종가", Unit = "KRW per 10,000 face")]
    public partial decimal? PreviousClose { get; init; }

    /// <summary>The yield at <see cref="Price"/>.</summary>
    [Column("BOND_CNTG_ERT", "현재수익률", Unit = "%")]
    public partial decimal? Yield { get; init; }

    /// <summary>The yield at <see cref="Open"/>.</summary>
    [Column("OPRC_ERT", "시가수익률", Unit = "%")]
    public partial decimal? OpenYield { get; init; }

    /// <summary>The yield at <see cref="High"/>: the day's lowest.</summary>
    [Column("HGPR_ERT", "고가수익률", Unit = "%")]
    public partial decimal? HighYield { get; init; }

    /// <summary>The yield at <see cref="Low"/>: the day's highest.</summary>
    [Column("LWPR_ERT", "저가수익률", Unit = "%")]
    public partial decimal? LowYield { get; init; }

    /// <summary>The face value traded today.</summary>
    [Column("ACML_VOL", "누적거래량", Unit = "1,000 KRW face", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    /// <summary>The face value traded on the previous day.</summary>
    [Column("PRDY_VOL", "전일거래량", Unit = "1,000 KRW face")]
    public partial long? PreviousVolume { get; init; }

    /// <summary>The kind of the trade; its codes are not documented.</summary>
    [Column("CNTG_TYPE_CLS_CODE", "체결유형코드")]
    public partial string? TradeType { get; init; }
}
