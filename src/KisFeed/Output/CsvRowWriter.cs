using System.Buffers;
using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>Writes the cells of one row to a buffer that is known to be large enough.</summary>
internal ref struct CsvRowWriter
{
    /// <summary>
    /// The maximum size of a cell in addition to its text: a comma, two quotes, and the zero before a decimal
    /// point or the mark before a formula.
    /// </summary>
    public const int CellOverhead = 4;

    private const byte FirstPrintable = 0x20;
    private const byte Delete = 0x7f;

    private static readonly SearchValues<byte> s_special = SearchValues.Create(",\"\r\n"u8);

    private readonly Span<byte> _room;
    private readonly bool _escapesFormulas;
    private int _length;

    public CsvRowWriter(Span<byte> room, bool escapesFormulas)
    {
        _room = room;
        _escapesFormulas = escapesFormulas;
    }

    /// <summary>How many times longer a text may become: by quotes, or by the symbols of control characters.</summary>
    public static int Growth(bool escapesFormulas) => escapesFormulas ? 3 : 2;

    /// <summary>The bytes written so far.</summary>
    public readonly int Length => _length;

    public void Separate() => _room[_length++] = (byte)',';

    /// <summary>Writes text that needs no quotes.</summary>
    public void Plain(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_room[_length..]);
        _length += text.Length;
    }

    public void Number(scoped NumberText number, ColumnType type) => _length += number.Format(_room[_length..], type);

    /// <summary>Writes a text, quoted if RFC 4180 requires it.</summary>
    public void Text(scoped ReadOnlySpan<byte> text)
    {
        if (_escapesFormulas)
            Escaped(text);
        else
            Quoted(text);
    }

    // A text of a feed rarely needs it, so it is not fast.
    private void Escaped(scoped ReadOnlySpan<byte> text)
    {
        var needsQuotes = text.ContainsAny((byte)',', (byte)'"');
        if (needsQuotes)
            _room[_length++] = (byte)'"';
        if (text is [(byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' or (byte)'\t' or (byte)'\r', ..])
            _room[_length++] = (byte)'\'';
        for (var i = 0; i < text.Length; i++)
        {
            var symbol = text[i] switch
            {
                < FirstPrintable => "\u2400"u8[2] + text[i],
                Delete => "\u2421"u8[2],
                _ => 0,
            };
            if (symbol != 0)
            {
                Plain("\u2400"u8[..2]);
                _room[_length++] = (byte)symbol;
            }
            else if (text[i] == 0xC2 && i + 1 < text.Length && text[i + 1] < 0xA0)
            {
                // The control characters C1 have no symbols.
                Plain("\uFFFD"u8);
                i++;
            }
            else
            {
                if (text[i] == (byte)'"')
                    _room[_length++] = (byte)'"';
                _room[_length++] = text[i];
            }
        }

        if (needsQuotes)
            _room[_length++] = (byte)'"';
    }

    private void Quoted(scoped ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAny(s_special))
        {
            Plain(text);
            return;
        }

        _room[_length++] = (byte)'"';
        for (var quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            Plain(text[..(quote + 1)]);
            _room[_length++] = (byte)'"';
            text = text[(quote + 1)..];
        }

        Plain(text);
        _room[_length++] = (byte)'"';
    }
}
