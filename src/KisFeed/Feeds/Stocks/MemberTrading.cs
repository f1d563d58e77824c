using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// The five members that sold most and the five that bought most of a stock today (국내주식 실시간회원사), 78 columns. Source: the broker's document
/// 실시간-047.
/// </summary>
[Feed(
    "H0UNMBC0", Member = "Consolidated", Alias = "members", Korean = "국내주식 실시간회원사 (통합)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", ElementCase = ElementCase.Upper,
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0STMBC0", Member = "Krx", Alias = "members-krx", Korean = "국내주식 실시간회원사 (KRX)", Market = FeedMarket.Stocks, Document = "실시간-047",
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", MockSource = "API document 2026-09-11")]
[Feed(
    "H0NXMBC0", Member = "Nxt", Alias = "members-nxt", Korean = "국내주식 실시간회원사 (NXT)", Market = FeedMarket.Stocks,
    KeyMeaning = "stock code (종목코드)", KeyExample = "005930", KeyForm = "Q?[0-9A-Z]{6}", ElementCase = ElementCase.Upper,
    MockSource = "API document 2026-09-11")]
public readonly partial record struct MemberTrading
{
    /// <summary>The short code of the stock.</summary>
    [Column("mksc_shrn_iscd", "유가증권단축종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The five members that sold most, in descending order.</summary>
    [GroupColumn("seln2_mbcr_name{0}", "매도2회원사명{0}", nameof(Sellers), nameof(MemberRank.Name), First = 1, Last = 5)]
    [GroupColumn("byov_mbcr_name{0}", "매수회원사명{0}", nameof(Buyers), nameof(MemberRank.Name), First = 1, Last = 5)]
    [GroupColumn("total_seln_qty{0}", "총매도수량{0}", nameof(Sellers), nameof(MemberRank.Volume), First = 1, Last = 5, Unit = "shares")]
    [GroupColumn("total_shnu_qty{0}", "총매수2수량{0}", nameof(Buyers), nameof(MemberRank.Volume), First = 1, Last = 5, Unit = "shares")]
    [GroupColumn("seln_mbcr_glob_yn_{0}", "매도거래원구분{0}", nameof(Sellers), nameof(MemberRank.IsForeign), First = 1, Last = 5)]
    [GroupColumn("shnu_mbcr_glob_yn_{0}", "매수거래원구분{0}", nameof(Buyers), nameof(MemberRank.IsForeign), First = 1, Last = 5)]
    [GroupColumn("seln_mbcr_no{0}", "매도거래원코드{0}", nameof(Sellers), nameof(MemberRank.Code), First = 1, Last = 5)]
    [GroupColumn("shnu_mbcr_no{0}", "매수거래원코드{0}", nameof(Buyers), nameof(MemberRank.Code), First = 1, Last = 5)]
    [GroupColumn("seln_mbcr_rlim{0}", "매도회원사비중{0}", nameof(Sellers), nameof(MemberRank.Share), First = 1, Last = 5, Unit = "%")]
    [GroupColumn("shnu_mbcr_rlim{0}", "매수2회원사비중{0}", nameof(Buyers), nameof(MemberRank.Share), First = 1, Last = 5, Unit = "%")]
    [GroupColumn("seln_qty_icdc{0}", "매도수량증감{0}", nameof(Sellers), nameof(MemberRank.VolumeChange), First = 1, Last = 5, Unit = "shares")]
    [GroupColumn("shnu_qty_icdc{0}", "매수2수량증감{0}", nameof(Buyers), nameof(MemberRank.VolumeChange), First = 1, Last = 5, Unit = "shares")]
    public partial Repeated<MemberRank> Sellers { get; init; }

    /// <summary>The five members that bought most, in descending order.</summary>
    public partial Repeated<MemberRank> Buyers { get; init; }

    /// <summary>What foreign members sold today.</summary>
    [Column("glob_total_seln_qty", "외국계총매도수량", Unit = "shares")]
    public partial long? ForeignSellVolume { get; init; }

    /// <summary>What foreign members bought today.</summary>
    [Column("glob_total_shnu_qty", "외국계총매수2수량", Unit = "shares")]
    public partial long? ForeignBuyVolume { get; init; }

    /// <summary>The change of <see cref="ForeignSellVolume"/> since the previous update.</summary>
    [Column("glob_total_seln_qty_icdc", "외국계총매도수량증감", Unit = "shares")]
    public partial long? ForeignSellVolumeChange { get; init; }

    /// <summary>The change of <see cref="ForeignBuyVolume"/> since the previous update.</summary>
    [Column("glob_total_shnu_qty_icdc", "외국계총매수2수량증감", Unit = "shares")]
    public partial long? ForeignBuyVolumeChange { get; init; }

    /// <summary>What foreign members bought minus what they sold.</summary>
    [Column("glob_ntby_qty", "외국계순매수수량", Unit = "shares")]
    public partial long? ForeignNetVolume { get; init; }

    /// <summary>The share of foreign members in all sales.</summary>
    [Column("glob_seln_rlim", "외국계매도비중", Unit = "%")]
    public partial decimal? ForeignSellShare { get; init; }

    /// <summary>The share of foreign members in all purchases.</summary>
    [Column("glob_shnu_rlim", "외국계매수2비중", Unit = "%")]
    [GroupColumn("seln2_mbcr_eng_name{0}", "매도2영문회원사명{0}", nameof(Sellers), nameof(MemberRank.EnglishName), First = 1, Last = 5)]
    [GroupColumn("byov_mbcr_eng_name{0}", "매수영문회원사명{0}", nameof(Buyers), nameof(MemberRank.EnglishName), First = 1, Last = 5)]
    public partial decimal? ForeignBuyShare { get; init; }
}

/// <summary>A member's place among those that sold or bought most of a stock.</summary>
[ColumnGroup]
public readonly partial record struct MemberRank
{
    /// <summary>The Korean name of the member.</summary>
    public string? Name { get; init; }

    /// <summary>What the member sold or bought today.</summary>
    public long? Volume { get; init; }

    /// <summary>Whether the member is a foreign one.</summary>
    public YesNo? IsForeign { get; init; }

    /// <summary>The code of the member.</summary>
    public string? Code { get; init; }

    /// <summary>The member's share in all sales or purchases, in percent.</summary>
    public decimal? Share { get; init; }

    /// <summary>The change of <see cref="Volume"/> since the previous update.</summary>
    public long? VolumeChange { get; init; }

    /// <summary>The English name of the member; empty in the published frames.</summary>
    public string? EnglishName { get; init; }
}
