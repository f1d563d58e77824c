using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>The fields of one record, addressed by the record type's columns, whatever the revision on the wire. A view.</summary>
public readonly ref struct RecordFields
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<int> _starts;
    private readonly int _end;
    private readonly int _width;

    internal RecordFields(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, int end, FrameShape shape, int record)
    {
        _bytes = bytes;
        _starts = starts;
        _end = end;
        _width = shape.Width;
        Layout = shape.Layout;
        Record = record;
        StatedDay = shape.StatedDay;
    }

    /// <summary>The 0-based number of this record within its frame.</summary>
    public int Record { get; }

    /// <summary>The revision that names the columns.</summary>
    public FeedLayout Layout { get; }

    /// <summary>The trading day that the source states for the record: see <see cref="FrameShape.StatedDay"/>.</summary>
    public DateOnly? StatedDay { get; }

    /// <summary>Columns that the record type does not have: first those named by the layout, then the unnamed ones.</summary>
    public int ExtraCount => Layout.ExtraColumns.Length + UnnamedCount;

    /// <summary>The text of the whole record as sent.</summary>
    public ReadOnlySpan<byte> Text => _bytes[_starts[0].._end];

    /// <summary>The number of columns after those that the layout names.</summary>
    public int UnnamedCount => _width - Layout.Width;

    /// <summary>The columns after those that the layout names, <c>^</c>-separated as sent.</summary>
    public ReadOnlySpan<byte> Unnamed => UnnamedCount == 0 ? default : _bytes[_starts[Layout.Width].._end];

    /// <summary>
    /// The decimal places of the prices in columns with <see cref="Column.IsScaled"/>, which are sent without them; <see langword="null"/>
    /// if they are not known, or the feed has no such columns.
    /// </summary>
    public int? PriceScale => Layout.PriceScaleOf(this);

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The text of a column of the record type, as sent; empty if this revision does not have the column.</summary>
    public ReadOnlySpan<byte> this[int column]
    {
        get
        {
            var position = Layout.PositionOf(column);
            return position < 0 ? default : At(position);
        }
    }

    /// <summary>The byte offset of a column in the frame.</summary>
    public int OffsetOf(int column)
    {
        var position = Layout.PositionOf(column);
        return position < 0 ? _starts[0] : _starts[position];
    }

    /// <summary>The text of an extra column, as sent.</summary>
    public ReadOnlySpan<byte> Extra(int index)
    {
        var named = Layout.ExtraColumns.Length;
        if (index < named)
            return At(Layout.PositionOfExtra(index));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ExtraCount);

        var rest = Unnamed;
        for (var i = named; i < index; i++)
            rest = rest[(rest.IndexOf((byte)'^') + 1)..];
        var length = rest.IndexOf((byte)'^');
        return length < 0 ? rest : rest[..length];
    }

    /// <summary>The position of a column; an empty range if this revision does not have it.</summary>
    internal (int Start, int End) PlaceOf(int column)
    {
        var position = Layout.PositionOf(column);
        return position < 0 ? default : (_starts[position], _starts[position + 1] - 1);
    }

    /// <summary>
    /// The offsets of the columns from a position on, each one after the end of the previous column; the last is repeated up to the width of a
    /// vector.
    /// </summary>
    internal ReadOnlySpan<int> StartsFrom(int position) => _starts[position..];

    /// <summary>Checks every extra column: against the type that the layout gives it, or else as text.</summary>
    internal bool TryCheckExtra(out FrameError error)
    {
        var named = Layout.ExtraColumns;
        for (var i = 0; i < named.Length; i++)
        {
            var position = Layout.PositionOfExtra(i);
            if (!FieldText.TryCheck(FieldText.Trim(At(position)), named[i].Type, out var kind))
            {
                error = new FrameError(kind, _starts[position]) { Record = Record, Column = named[i] };
                return false;
            }
        }

        error = Utf8.IsValid(Unnamed) ? default : new FrameError(FrameErrorKind.InvalidUtf8, OffsetOfInvalidUnnamed()) { Record = Record };
        return error.Kind == FrameErrorKind.None;
    }

    /// <summary>
    /// Gets all extra columns as one <c>^</c>-separated text if they are contiguous and in order; otherwise returns <see langword="false"/>.
    /// </summary>
    internal bool TryGetContiguousExtra(out ReadOnlySpan<byte> text)
    {
        if (!Layout.IsSequential)
        {
            text = default;
            return false;
        }

        text = _bytes[_starts[Layout.ColumnCount].._end];
        return true;
    }

    private int OffsetOfInvalidUnnamed()
    {
        var offset = _starts[Layout.Width];
        foreach (var range in Unnamed.Split((byte)'^'))
        {
            if (!Utf8.IsValid(Unnamed[range]))
                return offset + range.Start.Value;
        }

        return offset;
    }

    private ReadOnlySpan<byte> At(int position) => _bytes[_starts[position]..(_starts[position + 1] - 1)];
}

/// <summary>
/// The columns of a record that its type does not have, because the broker appended them after this version of the library. Columns that a layout
/// file names are available by name; all are available by number.
/// </summary>
public readonly struct ExtraColumns : IEquatable<ExtraColumns>
{
    private readonly string? _text;
    private readonly FeedLayout? _layout;

    internal ExtraColumns(string? text, FeedLayout layout)
    {
        _text = text;
        _layout = layout;
    }

    /// <summary>The layout in which the record was read and is written; <see langword="null"/> for the columns of the record type.</summary>
    internal FeedLayout? Layout => _layout;

    /// <summary>The number of extra columns.</summary>
    public int Count => _text is null ? 0 : _text.AsSpan().Count('^') + 1;

    /// <summary>Whether there are no extra columns: the record is as wide as its type.</summary>
    public bool IsEmpty => _text is null;

    /// <summary>The texts as sent, <c>^</c>-separated.</summary>
    public string Text => _text ?? "";

    /// <summary>No extra columns, in a record that is written in this layout instead of all columns of its type.</summary>
    /// <param name="layout">The layout, one of the feed's.</param>
    public static ExtraColumns None(FeedLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return new ExtraColumns(null, layout);
    }

    /// <summary>The text of the extra column with this number, as sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var rest = From(index);
            var length = rest.IndexOf('^');
            return (length < 0 ? rest : rest[..length]).ToString();
        }
    }

    /// <summary>Finds an extra column that a layout names, by element name.</summary>
    public bool TryGet(string element, out string value)
    {
        var names = _layout?.ExtraColumns ?? [];
        for (var i = 0; i < names.Length && i < Count; i++)
        {
            if (names[i].Element.Equals(element, StringComparison.OrdinalIgnoreCase))
            {
                value = this[i];
                return true;
            }
        }

        value = "";
        return false;
    }

    /// <summary>The texts starting at a number.</summary>
    internal ReadOnlySpan<char> From(int index)
    {
        var rest = Text.AsSpan();
        for (var i = 0; i < index; i++)
            rest = rest[(rest.IndexOf('^') + 1)..];
        return rest;
    }

    /// <summary>The number of columns on the wire of a record with these extra columns.</summary>
    internal int WireWidth(int columns) =>
        _layout is { IsSequential: false } layout ? layout.Width + Count - layout.ExtraColumns.Length : columns + Count;

    /// <inheritdoc/>
    public bool Equals(ExtraColumns other) => string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExtraColumns other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _text is null ? 0 : StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>The texts as sent.</summary>
    public override string ToString() => Text;

    /// <summary>Whether both hold the same texts.</summary>
    public static bool operator ==(ExtraColumns left, ExtraColumns right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ExtraColumns left, ExtraColumns right) => !left.Equals(right);
}
