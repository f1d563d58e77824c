using System.Collections.Generic;
using System.Linq;

namespace KisFeed.Generator;

internal sealed record RecordModel(
    string Namespace,
    string Name,
    EquatableArray<FeedModel> Feeds,
    EquatableArray<ColumnModel> Columns,
    EquatableArray<GroupModel> Groups,
    EquatableArray<RevisionModel> Revisions,
    bool HasEquality,
    EquatableArray<DiagnosticModel> Diagnostics)
{
    public string QualifiedName => Namespace.Length > 0 ? $"{Namespace}.{Name}" : Name;

    public bool IsValid => Diagnostics.Count == 0;

    /// <summary>The columns that hold texts, by their index; the position in the list is the number of the text.</summary>
    public List<int> Texts => Enumerable.Range(0, Columns.Count).Where(i => Columns[i].IsText).ToList();
}

/// <summary>
/// A layout of a record: its feed, if it is not of all of them, its width, its elements unless they are the record's first ones, and
/// whether it is the current one although another is wider.
/// </summary>
internal sealed record RevisionModel(string? TrId, int Width, EquatableArray<string>? Elements, bool IsCurrent);

/// <summary>A property that holds a group of columns.</summary>
/// <param name="Name">The name of the property.</param>
/// <param name="Declaration">Its modifiers and type.</param>
/// <param name="Summary">Its documentation, if it has none of its own.</param>
/// <param name="Member">The type of a member.</param>
/// <param name="IsRepeated">Whether it holds several members.</param>
/// <param name="Width">The number of fields of a member.</param>
/// <param name="Columns">For each field of each member the index of its column, or -1.</param>
internal sealed record GroupModel(
    string Name, string Declaration, string? Summary, string Member, bool IsRepeated, int Width, EquatableArray<int> Columns);

/// <summary>A type of the members of groups, with its properties.</summary>
internal sealed record MemberModel(
    string Namespace, string Name, EquatableArray<FieldModel> Fields, EquatableArray<DiagnosticModel> Diagnostics);

internal sealed record FieldModel(string Name, ColumnKind Kind, string? EnumType);

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

    /// <summary><c>DateOnly?</c></summary>
    Date,

    /// <summary>A nullable enum over <c>ulong</c>.</summary>
    Code,
}

/// <summary>The roles of columns. Names and values are the same as in the library's enum.</summary>
internal enum ColumnRole
{
    None,
    CumulativeVolume,
    TradeVolume,
    Price,
    Time,
    CumulativeTurnover,
    TradeTurnover,
    NetVolume,
    NetTurnover,
    Date,
}
