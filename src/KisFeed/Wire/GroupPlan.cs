using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>Where the columns of a group's members are among those of its record. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GroupPlan
{
    private readonly short[] _columns;
    private readonly int _width;

    /// <summary>Creates a plan.</summary>
    /// <param name="width">The number of fields of a member.</param>
    /// <param name="columns">For each field of each member the index of its column; for a text the index of its
    /// text; -1 if there is none.</param>
    public GroupPlan(int width, params ReadOnlySpan<short> columns)
    {
        _width = width;
        _columns = columns.ToArray();
        Count = columns.Length / width;
    }

    /// <summary>The number of members.</summary>
    public int Count { get; }

    internal ReadOnlySpan<short> ColumnsOf(int member)
    {
        if ((uint)member >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(member), member, $"the group has {Count} members");
        return _columns.AsSpan(member * _width, _width);
    }

    /// <summary>Reads the only member of a group.</summary>
    public T Read<T>(scoped RecordCells cells)
        where T : struct, IColumnGroup<T> => T.Read(new GroupFields(cells, ColumnsOf(0)));

    /// <summary>Writes the only member of a group.</summary>
    public void Write<T>(in T member, Span<ulong> values, Span<byte> forms, Span<string?> texts, ref decimal[]? apart)
        where T : struct, IColumnGroup<T> => T.Write(member, new GroupFieldWriter(values, forms, texts, ref apart, ColumnsOf(0)));

    /// <summary>Writes the members of a group. Those that are missing become absent.</summary>
    /// <exception cref="ArgumentException">There are more members than the group has.</exception>
    public void Write<T>(scoped Repeated<T> members, Span<ulong> values, Span<byte> forms, Span<string?> texts, ref decimal[]? apart)
        where T : struct, IColumnGroup<T>
    {
        if (members.Count > Count)
            throw new ArgumentException($"the group has {Count} members, not {members.Count}", nameof(members));
        for (var i = 0; i < Count; i++)
            T.Write(i < members.Count ? members[i] : default, new GroupFieldWriter(values, forms, texts, ref apart, ColumnsOf(i)));
    }
}
