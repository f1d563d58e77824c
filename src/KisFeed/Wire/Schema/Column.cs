namespace KisFeed.Wire;

/// <summary>One column of a feed's record, as the broker's document names it and as this library does.</summary>
public sealed record Column
{
    /// <summary>The element name exactly as the broker's document spells it, e.g. <c>STCK_PRPR</c>.</summary>
    public required string Element { get; init; }

    /// <summary>The Korean name from the broker's document, e.g. 현재가.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The English name: the name of the record's property, e.g. <c>Price</c>. The element name where nobody has given one.</summary>
    public required string Name { get; init; }

    /// <summary>How the text is read.</summary>
    public ColumnType Type { get; init; } = ColumnType.Text;

    /// <summary>The unit of a number where it is known, e.g. <c>KRW</c> or <c>%</c>; otherwise <see langword="null"/>.</summary>
    public string? Unit { get; init; }

    /// <summary>The digits to which the broker pads this number with leading zeros; 0 where it does not pad.</summary>
    public int ZeroPadding { get; init; }

    /// <summary>What the column tells of the trade or of the day.</summary>
    public ColumnRole Role { get; init; }

    /// <summary>For a <see cref="ColumnType.Code"/> column, the known codes with their English names.</summary>
    public IReadOnlyDictionary<string, string> Codes { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Whether the column is written as a number where the output format has numbers.</summary>
    public bool IsNumeric => Type is ColumnType.Integer or ColumnType.Decimal;

    /// <summary>The English name as JSON spells it, e.g. <c>price</c>; the element name where there is no English one.</summary>
    public string JsonName => Name == Element ? Element : System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(Name);
}
