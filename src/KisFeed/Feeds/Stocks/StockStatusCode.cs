namespace KisFeed.Feeds;

/// <summary>
/// The status of a stock (종목상태구분코드).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum StockStatusCode : ulong
{
    /// <summary>00: none of the others.</summary>
    [CodeName("그 외 종목")]
    Normal = ('0' << 8) | '0',

    /// <summary>51: a managed issue.</summary>
    [CodeName("관리종목")]
    Managed = ('5' << 8) | '1',

    /// <summary>52: the market alert "investment risk".</summary>
    [CodeName("투자위험")]
    InvestmentRisk = ('5' << 8) | '2',

    /// <summary>53: the market alert "investment warning".</summary>
    [CodeName("투자경고")]
    InvestmentWarning = ('5' << 8) | '3',

    /// <summary>54: the market alert "investment caution".</summary>
    [CodeName("투자주의")]
    InvestmentCaution = ('5' << 8) | '4',

    /// <summary>55: the broker allows credit.</summary>
    [CodeName("당사 신용가능")]
    CreditAllowed = ('5' << 8) | '5',

    /// <summary>57: the broker requires a margin of 100%.</summary>
    [CodeName("당사 증거금률 100")]
    FullMargin = ('5' << 8) | '7',

    /// <summary>58: trading is halted.</summary>
    [CodeName("거래정지")]
    Halted = ('5' << 8) | '8',

    /// <summary>59: short-term overheated, or extended as such.</summary>
    [CodeName("단기과열")]
    Overheated = ('5' << 8) | '9',
}
