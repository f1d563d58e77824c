namespace KisFeed.Generator;

/// <summary>An annotated property of a record type.</summary>
internal sealed record ColumnModel(
    string Element,
    string Korean,
    string Name,
    string? Unit,
    bool IsKey,
    int ZeroPadding,
    ColumnRole Role,
    ColumnKind Kind,
    string? EnumType,
    string Declaration,
    string? Summary,
    EquatableArray<CodeModel> Codes,
    string? Group = null,
    int GroupIndex = -1,
    string? Field = null,
    string? SignedBy = null,
    bool IsScaled = false)
{
    /// <summary>The unit of columns whose unit is the feed's price unit.</summary>
    public const string PriceUnit = "{price}";

    /// <summary>The unit of columns whose unit is the feed's turnover unit.</summary>
    public const string TurnoverUnit = "{turnover}";

    /// <summary>The unit, if all feeds of the record have the same.</summary>
    public string? CommonUnit => Unit is PriceUnit or TurnoverUnit ? null : Unit;

    public bool IsText => Kind is ColumnKind.Text or ColumnKind.OptionalText;
}

/// <summary>One known code of a code enum: its characters, its English name and its Korean name.</summary>
internal sealed record CodeModel(string Code, string Name, string Korean);
