using System.Buffers;
using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>
/// Writes a record for a generated encoder: the inverse of <see cref="FieldDecoder"/>. Blanks around a text are not preserved, because the
/// decoder treats them as padding.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FieldEncoder
{
    private const int MaxNumberLength = 40;
    private const int MaxCodeLength = 8;

    /// <summary>Writes a record's fields, <c>^</c>-separated.</summary>
    /// <param name="output">Receives the record.</param>
    /// <param name="plan">The columns of the record type.</param>
    /// <param name="cells">The values of the record.</param>
    /// <param name="extra">The columns that the type does not have. If their layout mixes them with the others, that layout is
    /// written.</param>
    /// <param name="priceScale">The decimal places of prices that are sent without them; <see langword="null"/> if not known.</param>
    /// <exception cref="ArgumentException">
    /// A text contains a <c>^</c> or is not valid Unicode; a code does not consist of one to eight visible ASCII characters other than
    /// <c>^</c>; or a column has a value but is not part of the layout of the extra columns.
    /// </exception>
    public static void Write(
        IBufferWriter<byte> output, FieldPlan plan, scoped RecordCells cells, ExtraColumns extra, int? priceScale)
    {
        if (extra.Layout is { IsSequential: false } layout)
        {
            var inOrder = new ArrayBufferWriter<byte>();
            WriteColumns(inOrder, plan, cells, priceScale);
            Arrange(output, plan, inOrder.WrittenSpan, layout, extra);
            return;
        }

        WriteColumns(output, plan, cells, priceScale);
        if (extra.IsEmpty)
            return;
        output.Write("^"u8);
        Write(output, extra.Text);
    }

    private static void WriteColumns(IBufferWriter<byte> output, FieldPlan plan, scoped RecordCells cells, int? priceScale)
    {
        var text = 0;
        for (var i = 0; i < plan.Columns.Length; i++)
        {
            if (i > 0)
                output.Write("^"u8);
            var column = plan.Columns[i];
            var value = cells.Values[i];
            var form = cells.Forms[i];
            if (column.Type == ColumnType.Text)
                WriteText(output, column, cells.Texts[text++], value);
            else if (form == FieldValue.Absent)
                AbsentText.Write(value, output);
            else
                WriteValue(output, column, value, form, column.IsScaled ? -priceScale : null, cells.Apart, i);
        }
    }

    private static void WriteText(IBufferWriter<byte> output, Column column, string? text, ulong absent)
    {
        if (string.IsNullOrEmpty(text))
        {
            AbsentText.Write(absent, output);
            return;
        }

        if (text.Contains('^', StringComparison.Ordinal))
            throw new ArgumentException($"{column.Element} contains a '^', which a frame cannot carry", nameof(text));
        if (!TryWrite(output, text))
            throw new ArgumentException($"{column.Element} contains an unpaired surrogate", nameof(text));
    }

    private static void WriteValue(
        IBufferWriter<byte> output, Column column, ulong value, byte form, int? places, decimal[]? apart, int index)
    {
        Span<byte> text = stackalloc byte[MaxNumberLength];
        var length = 0;
        switch (column.Type)
        {
            case ColumnType.Decimal:
                var number = FieldValue.Scaled(FieldValue.ToDecimal(value, form, apart, index), places);
                _ = number!.Value.TryFormat(text, out length, default, CultureInfo.InvariantCulture);
                WritePadding(output, column, text[..length]);
                break;
            case ColumnType.Integer:
                _ = Utf8Formatter.TryFormat((long)value, text, out length);
                WritePadding(output, column, text[..length]);
                break;
            case ColumnType.Time:
                _ = FieldValue.ToTime(value, form)!.Value.TryFormat(text, out length, "HHmmss", CultureInfo.InvariantCulture);
                break;
            case ColumnType.Date:
                _ = FieldValue.ToDate(value, form)!.Value.TryFormat(text, out length, "yyyyMMdd", CultureInfo.InvariantCulture);
                break;
            default:
                length = WriteCode(text, column, value);
                break;
        }

        output.Write(text[..length]);
    }

    private static void WritePadding(IBufferWriter<byte> output, Column column, scoped ReadOnlySpan<byte> number)
    {
        for (var i = number.Length; i < column.ZeroPadding && number[0] != (byte)'-'; i++)
            output.Write("0"u8);
    }

    private static int WriteCode(Span<byte> output, Column column, ulong code)
    {
        var start = MaxCodeLength;
        for (; code != 0; code >>= 8)
            output[--start] = (byte)code;
        var text = output[start..MaxCodeLength];
        if (text.IsEmpty || text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || text.Contains((byte)'^'))
        {
            throw new ArgumentException(
                $"{column.Element} holds a code that is not one to eight visible ASCII characters", nameof(code));
        }
        text.CopyTo(output);
        return text.Length;
    }

    // Records with extra columns between their own are rare, so this favors clarity over allocations.
    private static void Arrange(
        IBufferWriter<byte> output, FieldPlan plan, ReadOnlySpan<byte> inOrder, FeedLayout layout, ExtraColumns extra)
    {
        var wire = new Range[layout.Width];
        var column = 0;
        foreach (var field in inOrder.Split((byte)'^'))
        {
            var position = layout.PositionOf(column);
            if (position >= 0)
                wire[position] = field;
            else if (!inOrder[field].IsEmpty)
                throw new ArgumentException($"{plan.Columns[column].Element} is not part of the extra columns' layout", nameof(extra));
            column++;
        }

        var extras = new string?[layout.Width];
        for (var i = 0; i < layout.ExtraColumns.Length; i++)
            extras[layout.PositionOfExtra(i)] = i < extra.Count ? extra[i] : "";
        for (var i = 0; i < layout.Width; i++)
        {
            if (i > 0)
                output.Write("^"u8);
            if (extras[i] is { } text)
                Write(output, text);
            else
                output.Write(inOrder[wire[i]]);
        }

        if (extra.Count > layout.ExtraColumns.Length)
        {
            output.Write("^"u8);
            Write(output, extra.From(layout.ExtraColumns.Length));
        }
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text) => _ = TryWrite(output, text, replaces: true);

    private static bool TryWrite(IBufferWriter<byte> output, ReadOnlySpan<char> text, bool replaces = false)
    {
        var utf8 = output.GetSpan(text.Length * 3);
        var isDone = Utf8.FromUtf16(text, utf8, out _, out var length, replaces) == OperationStatus.Done;
        output.Advance(isDone ? length : 0);
        return isDone;
    }
}
