using System.Buffers;
using System.ComponentModel;
using System.Numerics;

namespace KisFeed.Wire;

/// <summary>
/// Reads the columns of one record for a generated decoder. Keeps the error of the first unreadable column; such a record is not delivered.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct FieldDecoder
{
    private readonly FieldPlan _plan;
    private readonly StringPool _texts;
    private int _wrongColumn = int.MaxValue;
    private FrameErrorKind _wrong;
    private bool _isExtraWrong;

    /// <summary>Starts at the first column.</summary>
    public FieldDecoder(FieldPlan plan, StringPool texts)
    {
        _plan = plan;
        _texts = texts;
    }

    /// <summary>Returns whether every column was readable; if not, the error of the first unreadable one.</summary>
    public readonly bool Succeeded(in RecordFields fields, out FrameError error)
    {
        error = default;
        if (_wrong == FrameErrorKind.None)
            return !_isExtraWrong || fields.TryCheckExtra(out error);
        error = new FrameError(_wrong, fields.OffsetOf(_wrongColumn)) { Record = fields.Record, Column = _plan.Columns[_wrongColumn] };
        return false;
    }

    /// <summary>Reads a text; <see langword="null"/> if absent.</summary>
    /// <param name="fields">The record.</param>
    /// <param name="column">The column.</param>
    /// <param name="value">Receives what stands for an absent text.</param>
    public string? Text(in RecordFields fields, int column, out ulong value)
    {
        var field = FieldText.Trim(fields[column]);
        value = 0;
        if (FieldText.IsAbsent(field))
        {
            value = AbsentText.NumberOf(field);
            return null;
        }

        if (_texts.TryGet(field, out var text))
            return text;
        Fail(column, FrameErrorKind.InvalidUtf8);
        return null;
    }

    /// <summary>Reads all columns except texts, in the representation of <see cref="FieldValue"/>.</summary>
    /// <param name="fields">The record.</param>
    /// <param name="values">Receives the values of all columns. Its length is a multiple of eight.</param>
    /// <param name="forms">Receives the form of each value.</param>
    /// <param name="apart">Receives numbers that do not fit a value, by column.</param>
    public void Values(in RecordFields fields, Span<ulong> values, Span<byte> forms, ref decimal[]? apart)
    {
        var groups = _plan.Groups;
        var layout = fields.Layout;
        var present = layout.LeadingColumns;
        if (layout.IsLeading)
        {
            // The lanes of the last group that belong to no column have any result.
            groups = groups[..((present + LaneColumns.Count - 1) / LaneColumns.Count)];
            ReadGroups(fields, groups, groups.Length, values, forms, ref apart);
            values[present..].Clear();
            forms[present..].Clear();
        }
        else
        {
            ReadGroups(fields, groups, present / LaneColumns.Count, values, forms, ref apart);
        }

        // Eight digits need not be a date.
        foreach (var column in _plan.Dates)
        {
            if (forms[column] != FieldValue.Absent && !FieldText.IsDate((long)values[column]))
                ReadText(fields, column, ref values[column], ref forms[column], ref apart);
        }
    }

    /// <summary>
    /// Gives prices that are sent without their decimal places those of the record's contract, and returns their number if it is known.
    /// </summary>
    public readonly int? Scale(in RecordFields fields, Span<ulong> values, Span<byte> forms, ref decimal[]? apart)
    {
        if (fields.PriceScale is not { } places)
            return null;
        foreach (var column in _plan.Scaled)
        {
            var sent = FieldValue.ToDecimal(values[column], forms[column], apart, column);
            if (sent is not null)
                FieldValue.Set(FieldValue.Scaled(sent, places), ref values[column], ref forms[column], ref apart, column);
        }

        return places;
    }

    /// <summary>Reads the columns that the record type does not have.</summary>
    public ExtraColumns Extra(in RecordFields fields)
    {
        if (_wrong != FrameErrorKind.None)
            return default;
        if (fields.ExtraCount == 0)
            return fields.Layout.IsSequential ? default : ExtraColumns.None(fields.Layout);
        _isExtraWrong = !fields.TryCheckExtra(out _);
        if (_isExtraWrong)
            return default;
        return fields.TryGetContiguousExtra(out var utf8) ? Pool(fields, utf8) : JoinExtra(fields);
    }

    private readonly ExtraColumns JoinExtra(in RecordFields fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var named = fields.Layout.ExtraColumns.Length;
        for (var i = 0; i < named; i++)
        {
            if (i > 0)
                buffer.Write("^"u8);
            buffer.Write(fields.Extra(i));
        }

        if (named > 0 && fields.UnnamedCount > 0)
            buffer.Write("^"u8);
        buffer.Write(fields.Unnamed);

        return Pool(fields, buffer.WrittenSpan);
    }

    private readonly ExtraColumns Pool(in RecordFields fields, ReadOnlySpan<byte> utf8)
    {
        // Each column has been checked before, and the separators between them are ASCII.
        _ = _texts.TryGet(utf8, out var text);
        return new ExtraColumns(text, fields.Layout);
    }

    // Reads groups, of which the first ones have columns that are next to each other in the frame.
    private void ReadGroups(
        in RecordFields fields, ReadOnlySpan<LaneColumns> groups, int adjacent, Span<ulong> values, Span<byte> forms, ref decimal[]? apart)
    {
        var done = 0;
        while (done < adjacent)
        {
            var first = done * LaneColumns.Count;
            done += LaneGroups.Read(
                fields.Bytes, fields.StartsFrom(first), groups[done..adjacent], values[first..], forms[first..], out var understood);
            if (done == adjacent)
                break;
            ReadOthers(fields, done, groups[done].Values & ~understood, values, forms, ref apart);
            done++;
        }

        for (; done < groups.Length; done++)
        {
            var understood = ReadScattered(fields, done * LaneColumns.Count, groups[done], values, forms);
            ReadOthers(fields, done, groups[done].Values & ~understood, values, forms, ref apart);
        }
    }

    // Reads the columns of a group, a bit for each, that lanes have left.
    private void ReadOthers(in RecordFields fields, int group, int columns, Span<ulong> values, Span<byte> forms, ref decimal[]? apart)
    {
        for (; columns != 0; columns &= columns - 1)
        {
            var column = (group * LaneColumns.Count) + BitOperations.TrailingZeroCount(columns);
            ReadText(fields, column, ref values[column], ref forms[column], ref apart);
        }
    }

    // Reads one group, whose columns may be anywhere. Returns a bit for each parsed column.
    private static int ReadScattered(in RecordFields fields, int first, LaneColumns group, Span<ulong> values, Span<byte> forms)
    {
        var understood = 0;
        for (var columns = group.Values; columns != 0; columns &= columns - 1)
        {
            var lane = BitOperations.TrailingZeroCount(columns);
            var (start, end) = fields.BoundsOf(first + lane);
            if (SwarFieldParser.TryRead(fields.Bytes, start, end, group.Types[lane], out values[first + lane], out forms[first + lane]))
                understood |= 1 << lane;
        }

        return understood;
    }

    // Handles all other forms: padded, with a plus sign, absent as text, too long for lanes, or invalid.
    private void ReadText(in RecordFields fields, int column, ref ulong value, ref byte form, ref decimal[]? apart)
    {
        var type = _plan.Columns[column].Type;
        var field = FieldText.Trim(fields[column]);
        value = 0;
        form = FieldValue.Absent;
        if (FieldText.IsAbsent(field, type))
        {
            value = AbsentText.NumberOf(field);
            return;
        }

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
            case ColumnType.Date when FieldText.TryReadDate(field, out var date, out error):
                FieldValue.Set(date, ref value, ref form);
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
        _wrong = kind;
    }
}
