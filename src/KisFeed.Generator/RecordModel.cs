namespace KisFeed.Generator;

/// <summary>A record type.</summary>
internal sealed record RecordModel(
    string Namespace,
    string Name,
    EquatableArray<FeedModel> Feeds,
    EquatableArray<ColumnModel> Columns,
    EquatableArray<RevisionModel> Revisions,
    bool HasEquality,
    EquatableArray<DiagnosticModel> Diagnostics)
{
    /// <summary>The name with its namespace.</summary>
    public string QualifiedName => Namespace.Length > 0 ? $"{Namespace}.{Name}" : Name;

    /// <summary>Whether code can be generated.</summary>
    public bool IsValid => Diagnostics.Count == 0;
}

/// <summary>A feed of a record type.</summary>
internal sealed record FeedModel(
    string TrId,
    string Member,
    string? MockTrId,
    string Alias,
    string Korean,
    string? Document,
    string KeyMeaning,
    string KeyExample,
    bool IsNotice);

/// <summary>An additional layout of a record: its width, and its elements unless they are the record's first ones.</summary>
internal sealed record RevisionModel(int Width, EquatableArray<string>? Elements);

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
    EquatableArray<CodeModel> Codes)
{
    /// <summary>Whether the column is stored as a string.</summary>
    public bool IsText => Kind is ColumnKind.Text or ColumnKind.OptionalText;
}

/// <summary>One known code of a code enum: its characters and its English name.</summary>
internal sealed record CodeModel(string Code, string Name);

/// <summary>The property types that a column may have.</summary>
internal enum ColumnKind
{
    /// <summary><c>string</c>: empty if absent.</summary>
    Text,

    /// <summary><c>string?</c></summary>
    OptionalText,

    /// <summary><c>long?</c></summary>
    Integer,

    /// <summary><c>decimal?</c></summary>
    Decimal,

    /// <summary><c>TimeOnly?</c></summary>
    Time,

    /// <summary>A nullable enum over <c>ulong</c>.</summary>
    Code,
}

/// <summary>The roles of columns. Names and values are the same as in the library's enum.</summary>
internal enum ColumnRole
{
    /// <summary>None.</summary>
    None,

    /// <summary>A cumulative volume of the day.</summary>
    CumulativeVolume,

    /// <summary>The record's own volume.</summary>
    TradeVolume,

    /// <summary>The record's price.</summary>
    Price,

    /// <summary>The record's time.</summary>
    Time,

    /// <summary>A cumulative turnover of the day.</summary>
    CumulativeTurnover,

    /// <summary>The record's own turnover.</summary>
    TradeTurnover,

    /// <summary>A net volume of the day.</summary>
    NetVolume,

    /// <summary>A net turnover of the day.</summary>
    NetTurnover,
}
