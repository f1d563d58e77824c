using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>
/// The members of a group of columns, e.g. the price levels of an order book, best first. A view over the record's values: reading allocates nothing,
/// and only the members that are read are created. Valid as long as the record; <see cref="ToArray"/> makes a copy.
/// </summary>
/// <typeparam name="T">The type of a member.</typeparam>
[CollectionBuilder(typeof(Repeated), nameof(Repeated.Create))]
public readonly ref struct Repeated<T>
    where T : struct, IColumnGroup<T>
{
    private readonly ReadOnlySpan<T> _members;
    private readonly GroupCells _cells;
    private readonly GroupPlan? _plan;

    internal Repeated(ReadOnlySpan<T> members) => _members = members;

    /// <summary>Creates a view over the values of a record. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Repeated(GroupCells cells, GroupPlan plan)
    {
        _cells = cells;
        _plan = plan;
    }

    /// <summary>The number of members, including those that are absent in this record.</summary>
    public int Count => _plan?.Count ?? _members.Length;

    /// <summary>A member, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The group has fewer members.</exception>
    public T this[int index] => _plan is null ? _members[index] : T.Read(new GroupFields(_cells, _plan.ColumnsOf(index)));

    /// <summary>Copies the members.</summary>
    public T[] ToArray()
    {
        var members = new T[Count];
        for (var i = 0; i < members.Length; i++)
            members[i] = this[i];
        return members;
    }

    /// <summary>Whether both have equal members.</summary>
    public bool SequenceEqual(Repeated<T> other)
    {
        if (Count != other.Count)
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(this[i], other[i]))
                return false;
        }

        return true;
    }

    /// <summary>Returns an enumerator over the members.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The members, separated by commas.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray())}]";

    /// <summary>Enumerates the members.</summary>
    public ref struct Enumerator
    {
        private readonly Repeated<T> _members;
        private int _index = -1;

        internal Enumerator(Repeated<T> members) => _members = members;

        /// <summary>The current member.</summary>
        public readonly T Current => _members[_index];

        /// <summary>Moves to the next member.</summary>
        public bool MoveNext() => ++_index < _members.Count;
    }
}

/// <summary>Creates <see cref="Repeated{T}"/> from collection expressions.</summary>
public static class Repeated
{
    /// <summary>Returns a view of these members.</summary>
    public static Repeated<T> Create<T>(ReadOnlySpan<T> members)
        where T : struct, IColumnGroup<T> => new(members);
}

/// <summary>A member of a group of columns. Implemented by the source generator for records marked with <c>[ColumnGroup]</c>.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IColumnGroup<TSelf>
    where TSelf : struct, IColumnGroup<TSelf>
{
    /// <summary>Reads the member from the values of a record.</summary>
    static abstract TSelf Read(scoped GroupFields fields);

    /// <summary>Writes the member to the values of a record.</summary>
    static abstract void Write(in TSelf member, scoped GroupFieldWriter fields);
}

/// <summary>Where the columns of a group's members are among those of its record. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GroupPlan
{
    private readonly short[] _columns;
    private readonly int _width;

    /// <summary>Creates a plan.</summary>
    /// <param name="width">The number of fields of a member.</param>
    /// <param name="columns">For each field of each member the index of its column; for a text the index of its text; -1 if there is none.</param>
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
    public T Read<T>(scoped GroupCells cells)
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

/// <summary>The values of a record. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct GroupCells
{
    /// <summary>Creates a view.</summary>
    public GroupCells(ReadOnlySpan<ulong> values, ReadOnlySpan<byte> forms, ReadOnlySpan<string?> texts, decimal[]? apart)
    {
        Values = values;
        Forms = forms;
        Texts = texts;
        Apart = apart;
    }

    internal ReadOnlySpan<ulong> Values { get; }

    internal ReadOnlySpan<byte> Forms { get; }

    internal ReadOnlySpan<string?> Texts { get; }

    internal decimal[]? Apart { get; }
}

/// <summary>The fields of one member of a group, numbered in the order of its properties. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct GroupFields
{
    private readonly GroupCells _cells;
    private readonly ReadOnlySpan<short> _columns;

    internal GroupFields(GroupCells cells, ReadOnlySpan<short> columns)
    {
        _cells = cells;
        _columns = columns;
    }

    /// <summary>Reads a text.</summary>
    public string? Text(int field) => _columns[field] is >= 0 and var text ? _cells.Texts[text] : null;

    /// <summary>Reads a number with its scale.</summary>
    public decimal? Decimal(int field) =>
        _columns[field] is >= 0 and var column ? FieldValue.ToDecimal(_cells.Values[column], _cells.Forms[column], _cells.Apart, column) : null;

    /// <summary>Reads a whole number.</summary>
    public long? Integer(int field) => _columns[field] is >= 0 and var column ? FieldValue.ToInteger(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a time of day.</summary>
    public TimeOnly? Time(int field) => _columns[field] is >= 0 and var column ? FieldValue.ToTime(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a date.</summary>
    public DateOnly? Date(int field) => _columns[field] is >= 0 and var column ? FieldValue.ToDate(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a code.</summary>
    public ulong? Code(int field) => _columns[field] is >= 0 and var column ? FieldValue.ToCode(_cells.Values[column], _cells.Forms[column]) : null;
}

/// <summary>Writes the fields of one member of a group. A field that the feed does not have is not written. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct GroupFieldWriter
{
    private readonly Span<ulong> _values;
    private readonly Span<byte> _forms;
    private readonly Span<string?> _texts;
    private readonly ref decimal[]? _apart;
    private readonly ReadOnlySpan<short> _columns;

    internal GroupFieldWriter(Span<ulong> values, Span<byte> forms, Span<string?> texts, ref decimal[]? apart, ReadOnlySpan<short> columns)
    {
        _values = values;
        _forms = forms;
        _texts = texts;
        _apart = ref apart;
        _columns = columns;
    }

    /// <summary>Writes a text.</summary>
    public void Text(int field, string? value)
    {
        if (_columns[field] is >= 0 and var text)
            _texts[text] = value;
    }

    /// <summary>Writes a number with its scale.</summary>
    public void Decimal(int field, decimal? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column], ref _apart, column);
    }

    /// <summary>Writes a whole number.</summary>
    public void Integer(int field, long? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a time of day.</summary>
    public void Time(int field, TimeOnly? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a date.</summary>
    public void Date(int field, DateOnly? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a code.</summary>
    public void Code(int field, ulong? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }
}
