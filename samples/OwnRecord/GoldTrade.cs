using KisFeed.Feeds;
using KisFeed.Wire;

namespace OwnRecord;

/// <summary>A trade in a gold contract: an example, the broker has no such feed.</summary>
[Feed("H0GDCNT0", Alias = "gold", Korean = "금 실시간체결가", KeyMeaning = "contract code (종목코드)", KeyExample = "G01612")]
public readonly partial record struct GoldTrade
{
    /// <summary>The code of the contract.</summary>
    [Column("GOLD_ISCD", "종목코드", IsKey = true)]
    public partial string Code { get; init; }

    /// <summary>The time of the trade, Korea time.</summary>
    [Column("BSOP_HOUR", "영업 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>The price of the trade, in KRW.</summary>
    [Column("GOLD_PRPR", "현재가", Unit = "KRW", Role = ColumnRole.Price)]
    public partial decimal? Price { get; init; }

    /// <summary>The volume traded today, in grams.</summary>
    [Column("ACML_VOL", "누적 거래량", Unit = "grams", Role = ColumnRole.CumulativeVolume)]
    public partial long? AccumulatedVolume { get; init; }
}
