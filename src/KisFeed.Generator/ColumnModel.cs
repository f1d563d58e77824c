namespace KisFeed.Generator;

/// <summary>What the generator knows of one annotated property.</summary>
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
    EquatableArray<CodeModel> Codes)
{
    /// <summary>Whether the column is kept as a string.</summary>
    public bool IsText => Kind is ColumnKind.Text or ColumnKind.OptionalText;
}
