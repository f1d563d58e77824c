namespace KisFeed.Tests.Wire;

/// <summary>A test feed with layouts in which columns were removed, inserted and reordered.</summary>
[Feed("T0SHIFT0", Alias = "shifted", Korean = "시험 호가")]
[Revision("CODE", "ASK", "VOLUME")]
[Revision("CODE", "ASK", "BID", "MID_PRC", "HOUR", "VOLUME")]
[Revision("HOUR", "MID_PRC", "VOLUME", "BID", "ASK", "MARKET", "CODE")]
public readonly partial record struct ShiftedQuote
{
    [Column("CODE", "코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("ASK", "매도")]
    public partial decimal? Ask { get; init; }

    [Column("BID", "매수")]
    public partial decimal? Bid { get; init; }

    [Column("HOUR", "시각")]
    public partial TimeOnly? Time { get; init; }

    [Column("VOLUME", "거래량")]
    public partial long? Volume { get; init; }
}
