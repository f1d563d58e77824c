namespace KisFeed.Feeds;

/// <summary>
/// The market of an overseas stock (해외종목구분).
/// Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasMarket : ulong
{
    /// <summary>4: Hong Kong, in HKD.</summary>
    [CodeName("홍콩(HKD)")]
    HongKongHkd = '4',

    /// <summary>5: Shanghai B shares, in USD.</summary>
    [CodeName("상해B(USD)")]
    ShanghaiB = '5',

    /// <summary>6: NASDAQ.</summary>
    [CodeName("NASDAQ")]
    Nasdaq = '6',

    /// <summary>7: NYSE.</summary>
    [CodeName("NYSE")]
    Nyse = '7',

    /// <summary>8: AMEX.</summary>
    [CodeName("AMEX")]
    Amex = '8',

    /// <summary>9: OTCB.</summary>
    [CodeName("OTCB")]
    Otcb = '9',

    /// <summary>C: Hong Kong, in CNY.</summary>
    [CodeName("홍콩(CNY)")]
    HongKongCny = 'C',

    /// <summary>A: Shanghai A shares, in CNY.</summary>
    [CodeName("상해A(CNY)")]
    ShanghaiA = 'A',

    /// <summary>B: Shenzhen B shares, in HKD.</summary>
    [CodeName("심천B(HKD)")]
    ShenzhenB = 'B',

    /// <summary>D: Tokyo.</summary>
    [CodeName("도쿄")]
    Tokyo = 'D',

    /// <summary>E: Hanoi.</summary>
    [CodeName("하노이")]
    Hanoi = 'E',

    /// <summary>F: Ho Chi Minh City.</summary>
    [CodeName("호치민")]
    HoChiMinh = 'F',
}
