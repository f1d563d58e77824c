using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>
/// The members of a group of columns, e.g. the price levels of an order book, best first. A view over the record's values: reading
/// allocates nothing, and only the members that are read are created. Valid as long as the record; <see cref="ToArray"/> makes a copy.
/// </summary>
/// <typeparam name="T">The type of a member.</typeparam>
[CollectionBuilder(typeof(Repeated), nameof(Repeated.Create))]
public readonly ref struct Repeated<T>
    where T : struct, IColumnGroup<T>
{
    private readonly ReadOnlySpan<T> _members;
    private readonly RecordCells _cells;
    private readonly GroupPlan? _plan;

    internal Repeated(ReadOnlySpan<T> members) => _members = members;

    /// <summary>Creates a view over the values of a record. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Repeated(RecordCells cells, GroupPlan plan)
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

/// <summary>The values of a record. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct RecordCells
{
    /// <summary>Creates a view.</summary>
    public RecordCells(ReadOnlySpan<ulong> values, ReadOnlySpan<byte> forms, ReadOnlySpan<string?> texts, decimal[]? apart)
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
