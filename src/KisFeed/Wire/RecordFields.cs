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
    internal (int Start, int End) BoundsOf(int column)
    {
        var position = Layout.PositionOf(column);
        return position < 0 ? default : (_starts[position], _starts[position + 1] - 1);
    }

    /// <summary>
    /// The offsets of the columns from a position on, each one after the end of the previous column; the last is
    /// repeated up to the width of a vector.
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
    /// Gets all extra columns as one <c>^</c>-separated text if they are contiguous and in order;
    /// otherwise returns <see langword="false"/>.
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
