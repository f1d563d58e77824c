using System.Collections.Immutable;
using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>Which columns of a record type are no texts, and what they may hold, in the form in which several are read at once. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FieldPlan
{
    private readonly LaneColumns[] _groups;

    /// <summary>Looks at the columns of a record type.</summary>
    public FieldPlan(ImmutableArray<Column> columns)
    {
        Columns = columns;
        _groups = LaneColumns.GroupsOf(columns);
    }

    /// <summary>The columns of the record type.</summary>
    public ImmutableArray<Column> Columns { get; }

    /// <summary>The columns by eight.</summary>
    internal ReadOnlySpan<LaneColumns> Groups => _groups;
}
