namespace KisFeed.Tests.Wire;

/// <summary>A test feed with one column of every type, so that a test can check one value at a time.</summary>
[Feed("T0PROBE0", Alias = "probe", Korean = "시험")]
public readonly partial record struct Probe
{
    [Column("CODE", "코드", IsKey = true)]
    public partial string Code { get; init; }

    [Column("NAME", "이름")]
    public partial string? Name { get; init; }

    [Column("QTY", "수량")]
    public partial long? Quantity { get; init; }

    [Column("PRC", "가격")]
    public partial decimal? Price { get; init; }

    [Column("HOUR", "시각")]
    public partial TimeOnly? Time { get; init; }

    [Column("SIGN", "부호")]
    public partial ChangeSign? Sign { get; init; }
}
