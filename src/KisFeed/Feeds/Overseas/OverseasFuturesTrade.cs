using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in overseas futures or options (해외선물옵션 실시간체결가), 25 columns. No sample frame is published. Source: the broker's document 실시간-017.
/// </summary>
[Feed(
    "HDFFF020", Member = "Feed", Alias = "overseas-futures", Korean = "해외선물옵션 실시간체결가", Market = FeedMarket.Overseas, Document = "실시간-017",
    KeyMeaning = "contract code (종목코드)", KeyExample = "ESZ26", KeyForm = "[0-9A-Z]{4,16}( [CP][0-9.]{1,14})?",
    MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasFuturesTrade
{
    /// <summary>The code of the contract.</summary>
    [Column("series_cd", "종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The business day.</summary>
    [Column("bsns_date", "영업일자")]
    public partial DateOnly? BusinessDate { get; init; }

    /// <summary>The date on which the session opened.</summary>
    [Column("mrkt_open_date", "장개시일자")]
    public partial DateOnly? OpenDate { get; init; }

    /// <summary>The time at which the session opened.</summary>
    [Column("mrkt_open_time", "장개시시각")]
    public partial TimeOnly? OpenTime { get; init; }

    /// <summary>The date on which the session closes.</summary>
    [Column("mrkt_close_date", "장종료일자")]
    public partial DateOnly? CloseDate { get; init; }

    /// <summary>The time at which the session closes.</summary>
    [Column("mrkt_close_time", "장종료시각")]
    public partial TimeOnly? CloseTime { get; init; }

    /// <summary>The previous close.</summary>
    [Column("prev_price", "전일종가", IsScaled = true)]
    public partial decimal? PreviousClose { get; init; }

    /// <summary>The date of receipt.</summary>
    [Column("recv_date", "수신일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The time of receipt.</summary>
    [Column("recv_time", "수신시각", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>Whether the main or the electronic session is active.</summary>
    [Column("active_flag", "본장_전산장구분")]
    public partial string? ActiveFlag { get; init; }

    [Column("last_price", "체결가격", Role = ColumnRole.Price, IsScaled = true)]
    public partial decimal? Price { get; init; }

    [Column("last_qntt", "체결수량", Unit = "contracts", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    /// <summary>The change against the previous close.</summary>
    [Column("prev_diff_price", "전일대비가", SignedBy = nameof(Sign), IsScaled = true)]
    public partial decimal? Change { get; init; }

    /// <summary>The change against the previous close in percent.</summary>
    [Column("prev_diff_rate", "등락률", Unit = "%", SignedBy = nameof(Sign))]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The opening price.</summary>
    [Column("open_price", "시가", IsScaled = true)]
    public partial decimal? Open { get; init; }

    /// <summary>The highest price of the day.</summary>
    [Column("high_price", "고가", IsScaled = true)]
    public partial decimal? High { get; init; }

    /// <summary>The lowest price of the day.</summary>
    [Column("low_price", "저가", IsScaled = true)]
    public partial decimal? Low { get; init; }

    /// <summary>The volume traded on the day.</summary>
    [Column("vol", "누적거래량", Unit = "contracts", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    [Column("prev_sign", "전일대비부호")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The side that caused the trade.</summary>
    [Column("quotsign", "체결구분")]
    public partial OverseasFuturesTradeSide? TradeCode { get; init; }

    /// <summary>The fraction of the second of <see cref="Time"/>, in units of 0.1 ms.</summary>
    [Column("recv_time2", "수신시각2 만분의일초")]
    public partial string? TimeFraction { get; init; }

    /// <summary>The settlement price of the previous day.</summary>
    [Column("psttl_price", "전일정산가", IsScaled = true)]
    public partial decimal? PreviousSettlement { get; init; }

    /// <summary>The direction of <see cref="SettlementChange"/>.</summary>
    [Column("psttl_sign", "전일정산가대비")]
    public partial ChangeSign? SettlementSign { get; init; }

    /// <summary>The change against the previous settlement price.</summary>
    [Column("psttl_diff_price", "전일정산가대비가격", SignedBy = nameof(SettlementSign), IsScaled = true)]
    public partial decimal? SettlementChange { get; init; }

    /// <summary>The change against the previous settlement price in percent.</summary>
    [Column("psttl_diff_rate", "전일정산가대비율", Unit = "%", SignedBy = nameof(SettlementSign))]
    public partial decimal? SettlementChangeRate { get; init; }
}

/// <summary>
/// The side that caused a trade of overseas futures (체결구분). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasFuturesTradeSide : ulong
{
    /// <summary>2: a buy order.</summary>
    [CodeName("매수")]
    Buy = '2',

    /// <summary>5: a sell order.</summary>
    [CodeName("매도")]
    Sell = '5',
}
