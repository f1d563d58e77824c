using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The net asset value of an exchange-traded fund (국내ETF NAV추이), 8 columns. It has no time. Source: the broker's document 실시간-051; its
/// sample program lists four names of the REST answer first, which are not in frames.
/// </summary>
[Feed(
    "H0STNAV0", Member = "Feed", Alias = "nav", Korean = "국내ETF NAV추이", Market = FeedMarket.Etf, Document = "실시간-051",
    KeyMeaning = "stock code (종목코드)", KeyExample = "069500", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
public readonly partial record struct EtfNav
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The net asset value.</summary>
    [Column("nav", "NAV", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Nav { get; init; }

    [Column("nav_prdy_vrss_sign", "NAV전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The change of the net asset value against the previous day, signed.</summary>
    [Column("nav_prdy_vrss", "NAV전일대비", Unit = "KRW")]
    public partial decimal? Change { get; init; }

    /// <summary>The change of the net asset value against the previous day in percent, signed.</summary>
    [Column("nav_prdy_ctrt", "NAV전일대비율", Unit = "%")]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>Today's first net asset value.</summary>
    [Column("oprc_nav", "NAV시가", Unit = "KRW")]
    public partial decimal? Open { get; init; }

    /// <summary>Today's highest net asset value.</summary>
    [Column("hprc_nav", "NAV고가", Unit = "KRW")]
    public partial decimal? High { get; init; }

    /// <summary>Today's lowest net asset value.</summary>
    [Column("lprc_nav", "NAV저가", Unit = "KRW")]
    public partial decimal? Low { get; init; }
}
