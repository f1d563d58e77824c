using System.Collections.Immutable;
using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>The columns of a record type that are not texts, prepared for parsing several at once. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FieldPlan
{
    private readonly LaneColumns[] _groups;
    private readonly int[] _dates;
    private readonly int[] _scaled;

    /// <summary>Creates the plan of a record type's columns.</summary>
    public FieldPlan(ImmutableArray<Column> columns)
    {
        Columns = columns;
        _groups = LaneColumns.GroupsOf(columns);
        _dates = [.. columns.Index().Where(c => c.Item.Type == ColumnType.Date).Select(c => c.Index)];
        _scaled = [.. columns.Index().Where(c => c.Item.IsScaled).Select(c => c.Index)];
    }

    /// <summary>The columns of the record type.</summary>
    public ImmutableArray<Column> Columns { get; }

    internal ReadOnlySpan<LaneColumns> Groups => _groups;

    internal ReadOnlySpan<int> Dates => _dates;

    /// <summary>The columns that are sent without their decimal places.</summary>
    internal ReadOnlySpan<int> Scaled => _scaled;
}
