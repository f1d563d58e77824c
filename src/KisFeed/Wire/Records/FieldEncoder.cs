using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>Writes the columns of one record for a generated encoder: the inverse of <see cref="FieldDecoder"/>.</summary>
public ref struct FieldEncoder
{
    private const int MaxNumberLength = 40;

    private readonly IBufferWriter<byte> _output;
    private readonly ImmutableArray<Column> _columns;
    private bool _started;

    /// <summary>Begins with the first column.</summary>
    public FieldEncoder(IBufferWriter<byte> output, ImmutableArray<Column> columns)
    {
        _output = output;
        _columns = columns;
        _started = false;
    }

    /// <summary>Writes a text; nothing for <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The text holds a character that separates fields, frames or lines.</exception>
    public void Text(int column, string? value)
    {
        Separate();
        if (string.IsNullOrEmpty(value))
            return;
        var text = _output.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, text);
        if (text[..length].ContainsAny(WireCharacters.FieldBreaks))
            throw new ArgumentException($"{_columns[column].Element} holds a '^' or a line break, which a frame cannot carry", nameof(value));
        _output.Advance(length);
    }

    /// <summary>Writes a number with its scale; nothing for <see langword="null"/>.</summary>
    public void Decimal(int column, decimal? value)
    {
        Separate();
        if (value is not { } number)
            return;
        Span<byte> text = stackalloc byte[MaxNumberLength];
        _ = number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        Number(column, text[..length]);
    }

    /// <summary>Writes a whole number; nothing for <see langword="null"/>.</summary>
    public void Integer(int column, long? value)
    {
        Separate();
        if (value is not { } number)
            return;
        Span<byte> text = stackalloc byte[MaxNumberLength];
        _ = Utf8Formatter.TryFormat(number, text, out var length);
        Number(column, text[..length]);
    }

    /// <summary>Writes a time of day as <c>HHMMSS</c>; nothing for <see langword="null"/>.</summary>
    public void Time(int column, TimeOnly? value)
    {
        _ = column;
        Separate();
        if (value is not { } time)
            return;
        var text = _output.GetSpan(8);
        _ = time.TryFormat(text, out var length, "HHmmss", CultureInfo.InvariantCulture);
        _output.Advance(length);
    }

    /// <summary>Writes a code; nothing for <see langword="null"/>.</summary>
    public void Code(int column, ulong? value)
    {
        _ = column;
        Separate();
        if (value is not { } code)
            return;
        var length = 8 - (System.Numerics.BitOperations.LeadingZeroCount(code) / 8);
        var text = _output.GetSpan(8);
        for (var i = length - 1; i >= 0; i--)
        {
            text[i] = (byte)code;
            code >>= 8;
        }

        _output.Advance(length);
    }

    /// <summary>Writes the columns that the record type does not have.</summary>
    public void Extra(ExtraColumns extra)
    {
        if (extra.IsEmpty)
            return;
        Separate();
        var text = _output.GetSpan(Encoding.UTF8.GetMaxByteCount(extra.Text.Length));
        _output.Advance(Encoding.UTF8.GetBytes(extra.Text, text));
    }

    private void Number(int column, scoped ReadOnlySpan<byte> text)
    {
        var padding = text[0] == (byte)'-' ? 0 : Math.Max(0, _columns[column].ZeroPadding - text.Length);
        var output = _output.GetSpan(padding + text.Length);
        output[..padding].Fill((byte)'0');
        text.CopyTo(output[padding..]);
        _output.Advance(padding + text.Length);
    }

    private void Separate()
    {
        if (_started)
            _output.Write("^"u8);
        _started = true;
    }
}
