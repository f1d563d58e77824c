namespace KisFeed.Capture;

/// <summary>Cuts the text of a file into lines. A line is a slice of the piece that it stands in, or, where it spans pieces, an array of its own.</summary>
internal sealed class LineSplitter(int maxLength)
{
    private readonly List<ReadOnlyMemory<byte>> _partial = [];
    private ReadOnlyMemory<byte> _text;
    private int _partialLength;

    /// <summary>Whether a line was begun whose end has not come.</summary>
    public bool HasPartialLine => _partialLength > 0;

    /// <summary>Whether the line that was begun is longer than a line may be.</summary>
    public bool IsTooLong => _partialLength > maxLength;

    /// <summary>Takes the next piece, once there is no line left.</summary>
    public void Add(ReadOnlyMemory<byte> text) => _text = text;

    /// <summary>Forgets the line that was begun: its end is missing.</summary>
    public void DiscardPartialLine()
    {
        _partial.Clear();
        _partialLength = 0;
    }

    /// <summary>The next line, without its line break.</summary>
    public bool TryReadLine(out ReadOnlyMemory<byte> line)
    {
        var end = _text.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            line = default;
            if (!_text.IsEmpty)
            {
                _partial.Add(_text);
                _partialLength += _text.Length;
                _text = default;
            }

            return false;
        }

        line = _partialLength == 0 ? _text[..end] : Join(_text[..end]);
        _text = _text[(end + 1)..];
        return true;
    }

    private byte[] Join(ReadOnlyMemory<byte> last)
    {
        var line = new byte[_partialLength + last.Length];
        var length = 0;
        foreach (var part in _partial)
        {
            part.CopyTo(line.AsMemory(length));
            length += part.Length;
        }

        last.CopyTo(line.AsMemory(length));
        DiscardPartialLine();
        return line;
    }
}
