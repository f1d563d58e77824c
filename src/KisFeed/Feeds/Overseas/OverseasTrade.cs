using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A trade in an overseas stock (해외주식 실시간지연체결가), 26 columns; delayed unless the account is entitled to real-time prices, except in the US.
/// Prices are in the currency of the exchange. Source: the broker's document 실시간-007.
/// </summary>
[Feed(
    "HDFSCNT0", Member = "Feed", Alias = "us", Korean = "해외주식 실시간지연체결가", Market = FeedMarket.Overseas, Document = "실시간-007",
    KeyMeaning = "exchange and symbol, e.g. D + NAS + AAPL; by day in Korea (미국 주간거래, 10:00-16:00) R + BAQ, BAY or BAA + AAPL (실시간종목코드)",
    KeyExample = "DNASAAPL", KeyForm = "[DR](NAS|NYS|AMS|HKS|TSE|SHS|SZS|HSX|HNX|BAQ|BAY|BAA)[0-9A-Z./-]{1,12}", KeyPrefix = "DNAS",
    DayTimePrefixes = "DNAS=RBAQ,DNYS=RBAY,DAMS=RBAA", MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasTrade
{
    /// <summary>The real-time code, the key of the registration: the kind of data, the exchange and the symbol.</summary>
    [Column("RSYM", "실시간종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The symbol at the exchange.</summary>
    [Column("SYMB", "종목코드")]
    public partial string? Symbol { get; init; }

    [Column("ZDIV", "수수점자리수", Unit = "digits")]
    public partial long? PriceScale { get; init; }

    /// <summary>The business day at the exchange.</summary>
    [Column("TYMD", "현지영업일자")]
    public partial DateOnly? LocalBusinessDate { get; init; }

    [Column("XYMD", "현지일자")]
    public partial DateOnly? LocalDate { get; init; }

    [Column("XHMS", "현지시간")]
    public partial TimeOnly? LocalTime { get; init; }

    /// <summary>The date in Korea.</summary>
    [Column("KYMD", "한국일자", Role = ColumnRole.Date)]
    public partial DateOnly? Date { get; init; }

    /// <summary>The time in Korea.</summary>
    [Column("KHMS", "한국시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The opening price.</summary>
    [Column("OPEN", "시가")]
    public partial decimal? Open { get; init; }

    /// <summary>The highest price of the day.</summary>
    [Column("HIGH", "고가")]
    public partial decimal? High { get; init; }

    /// <summary>The lowest price of the day.</summary>
    [Column("LOW", "저가")]
    public partial decimal? Low { get; init; }

    [Column("LAST", "현재가", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    [Column("SIGN", "대비구분")]
    public partial ChangeSign? Sign { get; init; }

    /// <summary>The change against the previous close, signed. The broker sends it without a minus.</summary>
    [Column("DIFF", "전일대비", SignedBy = nameof(Sign))]
    public partial decimal? Change { get; init; }

    /// <summary>The change against the previous close in percent.</summary>
    [Column("RATE", "등락율", Unit = "%", SignedBy = nameof(Sign))]
    public partial decimal? ChangeRate { get; init; }

    /// <summary>The best bid.</summary>
    [Column("PBID", "매수호가")]
    public partial decimal? BidPrice { get; init; }

    /// <summary>The best offer.</summary>
    [Column("PASK", "매도호가")]
    public partial decimal? AskPrice { get; init; }

    [Column("VBID", "매수잔량", Unit = "shares")]
    public partial long? BidQuantity { get; init; }

    [Column("VASK", "매도잔량", Unit = "shares")]
    public partial long? AskQuantity { get; init; }

    [Column("EVOL", "체결량", Unit = "shares", Role = ColumnRole.TradeVolume)]
    public partial long? Volume { get; init; }

    /// <summary>The volume traded on the day.</summary>
    [Column("TVOL", "거래량", Unit = "shares", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }

    /// <summary>The value traded on the day.</summary>
    [Column("TAMT", "거래대금", Role = ColumnRole.CumulativeTurnover)]
    public partial decimal? AccumulatedValue { get; init; }

    /// <summary>The volume traded on the day at the bid, which sell orders caused.</summary>
    [Column("BIVL", "매도체결량", Unit = "shares")]
    public partial long? SellVolume { get; init; }

    /// <summary>The volume traded on the day at the offer, which buy orders caused.</summary>
    [Column("ASVL", "매수체결량", Unit = "shares")]
    public partial long? BuyVolume { get; init; }

    [Column("STRN", "체결강도", Unit = "%")]
    public partial decimal? TradeStrength { get; init; }

    [Column("MTYP", "시장구분")]
    public partial OverseasSession? Session { get; init; }
}

/// <summary>
/// The session of an overseas market (시장구분), as captures show it: 1 at 07:02 and 09:19 New York time, 2 at 10:43. The broker's document
/// says the opposite, 1 regular and 2 before it. Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasSession : ulong
{
    /// <summary>1: before the regular session; also sent for day-market keys.</summary>
    [CodeName("장전")]
    PreMarket = '1',

    /// <summary>2: the regular session.</summary>
    [CodeName("장중")]
    Regular = '2',

    /// <summary>3: after the regular session.</summary>
    [CodeName("장후")]
    AfterMarket = '3',
}
