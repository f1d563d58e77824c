using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>
/// Writes the columns of one record for a generated encoder: the inverse of <see cref="FieldDecoder"/>. Blanks around a text are not
/// preserved, because the decoder treats them as padding.
/// </summary>
public ref struct FieldEncoder
{
    private const int MaxNumberLength = 40;
    private const int MaxCodeLength = 8;

    private readonly IBufferWriter<byte> _output;
    private readonly ImmutableArray<Column> _columns;
    private readonly ExtraColumns _extra;
    private readonly ArrayBufferWriter<byte>? _inOrder;
    private bool _started;

    /// <summary>Starts at the first column.</summary>
    /// <param name="output">Receives the record.</param>
    /// <param name="columns">The columns of the record type.</param>
    /// <param name="extra">The columns that the type does not have. If their layout mixes them with the
    /// others, that layout is written.</param>
    public FieldEncoder(IBufferWriter<byte> output, ImmutableArray<Column> columns, ExtraColumns extra)
    {
        _output = output;
        _columns = columns;
        _extra = extra;
        _inOrder = extra.Layout is { IsSequential: false } ? new ArrayBufferWriter<byte>() : null;
        _started = false;
    }

    private readonly IBufferWriter<byte> Fields => _inOrder ?? _output;

    /// <summary>Writes a text; for <see langword="null"/>, what <paramref name="absent"/> stands for.</summary>
    /// <exception cref="ArgumentException">The text contains a <c>^</c> or is not valid Unicode.</exception>
    public void Text(int column, string? value, ulong absent = 0)
    {
        Separate();
        if (string.IsNullOrEmpty(value))
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        if (value.Contains('^', StringComparison.Ordinal))
            throw new ArgumentException($"{_columns[column].Element} contains a '^', which a frame cannot carry", nameof(value));
        var text = Fields.GetSpan(value.Length * 3);
        if (Utf8.FromUtf16(value, text, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            throw new ArgumentException($"{_columns[column].Element} contains an unpaired surrogate", nameof(value));
        Fields.Advance(length);
    }

    /// <summary>Writes a number with its scale; nothing for <see langword="null"/>.</summary>
    public void Decimal(int column, decimal? value, ulong absent = 0)
    {
        Separate();
        if (value is not { } number)
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        Span<byte> text = stackalloc byte[MaxNumberLength];
        _ = number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        Number(column, text[..length]);
    }

    /// <summary>Writes a whole number; nothing for <see langword="null"/>.</summary>
    public void Integer(int column, long? value, ulong absent = 0)
    {
        Separate();
        if (value is not { } number)
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        Span<byte> text = stackalloc byte[MaxNumberLength];
        _ = Utf8Formatter.TryFormat(number, text, out var length);
        Number(column, text[..length]);
    }

    /// <summary>Writes a time of day as <c>HHMMSS</c>; nothing for <see langword="null"/>. Fractions of a second are dropped.</summary>
    public void Time(int column, TimeOnly? value, ulong absent = 0)
    {
        _ = column;
        Separate();
        if (value is not { } time)
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        var text = Fields.GetSpan(8);
        _ = time.TryFormat(text, out var length, "HHmmss", CultureInfo.InvariantCulture);
        Fields.Advance(length);
    }

    /// <summary>Writes a date as <c>YYYYMMDD</c>; nothing for <see langword="null"/>.</summary>
    public void Date(int column, DateOnly? value, ulong absent = 0)
    {
        _ = column;
        Separate();
        if (value is not { } date)
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        var text = Fields.GetSpan(16);
        _ = date.TryFormat(text, out var length, "yyyyMMdd", CultureInfo.InvariantCulture);
        Fields.Advance(length);
    }

    /// <summary>Writes a code; nothing for <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The value does not consist of one to eight visible ASCII
    /// characters other than <c>^</c>.</exception>
    public void Code(int column, ulong? value, ulong absent = 0)
    {
        Separate();
        if (value is not { } code)
        {
            AbsentText.Write(absent, Fields);
            return;
        }

        Span<byte> text = stackalloc byte[MaxCodeLength];
        var start = MaxCodeLength;
        for (; code != 0; code >>= 8)
            text[--start] = (byte)code;
        text = text[start..];
        if (text.IsEmpty || text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || text.Contains((byte)'^'))
        {
            throw new ArgumentException(
                $"{_columns[column].Element} holds a code that is not one to eight visible ASCII characters", nameof(value));
        }
        Fields.Write(text);
    }

    /// <summary>Writes the columns that the record type does not have, and ends the record.</summary>
    /// <exception cref="ArgumentException">A column has a value but is not part of the layout of the extra columns.</exception>
    public void Complete()
    {
        if (_inOrder is not null)
        {
            Arrange(_inOrder.WrittenSpan, _extra.Layout!);
        }
        else if (!_extra.IsEmpty)
        {
            Separate();
            Write(_extra.Text);
        }
    }

    // Records with extra columns between their own are rare, so this favors clarity over allocations.
    private readonly void Arrange(ReadOnlySpan<byte> inOrder, FeedLayout layout)
    {
        var wire = new Range[layout.Width];
        var column = 0;
        foreach (var field in inOrder.Split((byte)'^'))
        {
            var position = layout.PositionOf(column);
            if (position >= 0)
                wire[position] = field;
            else if (!inOrder[field].IsEmpty)
                throw new ArgumentException($"{_columns[column].Element} is not part of the layout of the extra columns", nameof(layout));
            column++;
        }

        var extras = new string?[layout.Width];
        for (var i = 0; i < layout.ExtraColumns.Length; i++)
            extras[layout.PositionOfExtra(i)] = i < _extra.Count ? _extra[i] : "";
        for (var i = 0; i < layout.Width; i++)
        {
            if (i > 0)
                _output.Write("^"u8);
            if (extras[i] is { } extra)
                Write(extra);
            else
                _output.Write(inOrder[wire[i]]);
        }

        if (_extra.Count > layout.ExtraColumns.Length)
        {
            _output.Write("^"u8);
            Write(_extra.From(layout.ExtraColumns.Length));
        }
    }

    private readonly void Write(ReadOnlySpan<char> text)
    {
        var utf8 = _output.GetSpan(text.Length * 3);
        _ = Utf8.FromUtf16(text, utf8, out _, out var length);
        _output.Advance(length);
    }

    private readonly void Number(int column, scoped ReadOnlySpan<byte> text)
    {
        var padding = text[0] == (byte)'-' ? 0 : Math.Max(0, _columns[column].ZeroPadding - text.Length);
        var output = Fields.GetSpan(padding + text.Length);
        output[..padding].Fill((byte)'0');
        text.CopyTo(output[padding..]);
        Fields.Advance(padding + text.Length);
    }

    private void Separate()
    {
        if (_started)
            Fields.Write("^"u8);
        _started = true;
    }
}
