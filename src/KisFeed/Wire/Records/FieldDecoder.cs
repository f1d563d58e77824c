using System.Buffers;
using System.ComponentModel;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>
/// Reads the columns of one record for a generated decoder. The first column that cannot be read is remembered, and the record is then
/// not delivered.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct FieldDecoder
{
    private readonly RecordFields _fields;
    private readonly ValuePlan _plan;
    private readonly TextPool _texts;
    private FrameError _error;
    private int _wrongColumn = int.MaxValue;

    /// <summary>Begins with the first column.</summary>
    public FieldDecoder(in RecordFields fields, ValuePlan plan, TextPool texts)
    {
        _fields = fields;
        _plan = plan;
        _texts = texts;
        _error = default;
    }

    /// <summary>Whether every column so far could be read; if not, what is wrong with the first that could not.</summary>
    public readonly bool Succeeded(out FrameError error)
    {
        error = _error;
        return error.Kind == FrameErrorKind.None;
    }

    /// <summary>A text; empty where absent.</summary>
    public string Text(int column) => TextOrNull(column) ?? "";

    /// <summary>A text; <see langword="null"/> where absent.</summary>
    public string? TextOrNull(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (FieldText.IsAbsent(field))
            return null;
        if (_texts.TryGet(field, out var text))
            return text;
        Fail(column, FrameErrorKind.InvalidUtf8);
        return null;
    }

    /// <summary>All columns that are no texts, as <see cref="FieldValue"/> has them.</summary>
    /// <param name="values">Room for the values of all columns, a multiple of eight.</param>
    /// <param name="forms">Room for as many forms.</param>
    /// <param name="apart">Where numbers go that a value cannot hold, by column.</param>
    public void Values(Span<ulong> values, Span<byte> forms, ref decimal[]? apart)
    {
        var groups = _plan.Groups;
        for (var i = 0; i < groups.Length; i++)
        {
            var first = i * LaneColumns.Count;
            var group = groups[i];
            var understood = ReadLanes(first, group, values.Slice(first, LaneColumns.Count), forms.Slice(first, LaneColumns.Count));
            for (var others = group.Values & ~understood; others != 0; others &= others - 1)
            {
                var column = first + BitOperations.TrailingZeroCount(others);
                ReadText(column, ref values[column], ref forms[column], ref apart);
            }
        }
    }

    /// <summary>The columns that the record type does not have.</summary>
    public ExtraColumns Extra()
    {
        if (_fields.ExtraCount == 0 || _error.Kind != FrameErrorKind.None || !_fields.TryCheckExtra(out _error))
            return default;
        if (!_fields.TryGetContiguousExtra(out var utf8))
            return Gather();
        return Pool(utf8);
    }

    private readonly ExtraColumns Gather()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var named = _fields.Layout.ExtraColumns.Length;
        for (var i = 0; i < named; i++)
        {
            if (i > 0)
                buffer.Write("^"u8);
            buffer.Write(_fields.Extra(i));
        }

        if (named > 0 && _fields.UnnamedCount > 0)
            buffer.Write("^"u8);
        buffer.Write(_fields.Unnamed);

        return Pool(buffer.WrittenSpan);
    }

    private readonly ExtraColumns Pool(ReadOnlySpan<byte> utf8)
    {
        // Each column has been checked by now, and the separators between them are ASCII.
        _ = _texts.TryGet(utf8, out var text);
        return new ExtraColumns(text, _fields.Layout);
    }

    // Gives a bit for each column that was understood.
    private readonly int ReadLanes(int first, LaneColumns group, Span<ulong> values, Span<byte> forms)
    {
        var starts = _fields.StartsFrom(first);
        if (_fields.Layout.IsSequential && starts[1] > LaneColumns.MaxLength)
        {
            if (Avx512Vbmi2.IsSupported)
                return ValueLanes512.Read(_fields.Bytes, starts, group, values, forms);
            if (Avx2.IsSupported)
                return ValueLanes256.Read(_fields.Bytes, starts, group, values, forms);
        }

        var understood = 0;
        for (var columns = group.Values; columns != 0; columns &= columns - 1)
        {
            var lane = BitOperations.TrailingZeroCount(columns);
            var (start, end) = _fields.PlaceOf(first + lane);
            if (ValueLane.TryRead(_fields.Bytes, start, end, _plan.Columns[first + lane].Type, out values[lane], out forms[lane]))
                understood |= 1 << lane;
        }

        return understood;
    }

    // Whatever the field is like: padded, signed with a plus, absent in words, too long for lanes, or wrong.
    private void ReadText(int column, ref ulong value, ref byte form, ref decimal[]? apart)
    {
        var type = _plan.Columns[column].Type;
        var field = FieldText.Trim(_fields[column]);
        value = 0;
        form = FieldValue.Absent;
        if (FieldText.IsAbsent(field, type))
            return;
        var error = FrameErrorKind.None;
        switch (type)
        {
            case ColumnType.Decimal when FieldText.TryReadDecimal(field, out var number, out error):
                FieldValue.Set(number, ref value, ref form, ref apart, column);
                break;
            case ColumnType.Integer when FieldText.TryReadInteger(field, out var number, out error):
                FieldValue.Set(number, ref value, ref form);
                break;
            case ColumnType.Time when FieldText.TryReadTime(field, out var time, out error):
                FieldValue.Set(time, ref value, ref form);
                break;
            case ColumnType.Code when FieldText.TryReadCode(field, out var code, out error):
                FieldValue.Set(code, ref value, ref form);
                break;
            default:
                Fail(column, error);
                break;
        }
    }

    private void Fail(int column, FrameErrorKind kind)
    {
        if (column >= _wrongColumn)
            return;
        _wrongColumn = column;
        _error = new FrameError(kind, _fields.OffsetOf(column)) { Record = _fields.Record, Column = _plan.Columns[column] };
    }
}
