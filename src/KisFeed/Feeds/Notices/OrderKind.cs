namespace KisFeed.Feeds;

/// <summary>
/// The kind of an order in a domestic stock (주문종류).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OrderKind : ulong
{
    /// <summary>00: limit.</summary>
    [CodeName("지정가")]
    Limit = ('0' << 8) | '0',

    /// <summary>01: market.</summary>
    [CodeName("시장가")]
    Market = ('0' << 8) | '1',

    /// <summary>02: limit, market in the closing auction.</summary>
    [CodeName("조건부지정가")]
    ConditionalLimit = ('0' << 8) | '2',

    /// <summary>03: best price of the other side.</summary>
    [CodeName("최유리지정가")]
    BestLimit = ('0' << 8) | '3',

    /// <summary>04: best price of the own side.</summary>
    [CodeName("최우선지정가")]
    PrimaryLimit = ('0' << 8) | '4',

    /// <summary>05: before the opening.</summary>
    [CodeName("장전 시간외")]
    PreOpen = ('0' << 8) | '5',

    /// <summary>06: after the close.</summary>
    [CodeName("장후 시간외")]
    PostClose = ('0' << 8) | '6',

    /// <summary>07: after-hours single price.</summary>
    [CodeName("시간외 단일가")]
    AfterHours = ('0' << 8) | '7',

    /// <summary>11: limit, immediate or cancel.</summary>
    [CodeName("IOC지정가")]
    LimitIoc = ('1' << 8) | '1',

    /// <summary>12: limit, fill or kill.</summary>
    [CodeName("FOK지정가")]
    LimitFok = ('1' << 8) | '2',

    /// <summary>13: market, immediate or cancel.</summary>
    [CodeName("IOC시장가")]
    MarketIoc = ('1' << 8) | '3',

    /// <summary>14: market, fill or kill.</summary>
    [CodeName("FOK시장가")]
    MarketFok = ('1' << 8) | '4',

    /// <summary>15: best price, immediate or cancel.</summary>
    [CodeName("IOC최유리")]
    BestIoc = ('1' << 8) | '5',

    /// <summary>16: best price, fill or kill.</summary>
    [CodeName("FOK최유리")]
    BestFok = ('1' << 8) | '6',

    /// <summary>21: midpoint.</summary>
    [CodeName("중간가")]
    Midpoint = ('2' << 8) | '1',

    /// <summary>22: stop limit.</summary>
    [CodeName("스톱지정가")]
    StopLimit = ('2' << 8) | '2',

    /// <summary>23: midpoint, immediate or cancel.</summary>
    [CodeName("중간가IOC")]
    MidpointIoc = ('2' << 8) | '3',

    /// <summary>24: midpoint, fill or kill.</summary>
    [CodeName("중간가FOK")]
    MidpointFok = ('2' << 8) | '4',
}
