using System.Buffers;

namespace KisFeed.Wire;

/// <summary>Writes the cells of one row into room that is known to suffice.</summary>
internal ref struct CsvRowWriter
{
    /// <summary>The bytes that a cell takes at most beside twice its text: a comma, two quotes, the zero before a point.</summary>
    public const int CellOverhead = 4;

    private static readonly SearchValues<byte> s_special = SearchValues.Create(",\"\r\n"u8);

    private readonly Span<byte> _room;
    private int _length;

    public CsvRowWriter(Span<byte> room) => _room = room;

    /// <summary>The bytes written so far.</summary>
    public readonly int Length => _length;

    /// <summary>Ends a cell.</summary>
    public void Separate() => _room[_length++] = (byte)',';

    /// <summary>Writes what needs no quotes as it is.</summary>
    public void Plain(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_room[_length..]);
        _length += text.Length;
    }

    /// <summary>Writes a number with its scale.</summary>
    public void Number(scoped in NumberText number) => _length += number.Format(_room[_length..]);

    /// <summary>Writes a text, quoted where RFC 4180 asks for it.</summary>
    public void Text(scoped ReadOnlySpan<byte> text)
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
