namespace KisFeed.Generator;

/// <summary>The property types that a column may have.</summary>
internal enum ColumnKind
{
    /// <summary><c>string</c>: empty where absent.</summary>
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
