namespace KisFeed.Capture.Files;

/// <summary>Splits text into lines. A line is a slice of its chunk, or, if it spans chunks, its own array.</summary>
/// <param name="maxLength">The maximum length of a line, in bytes.</param>
/// <param name="copies">Whether a chunk is valid only until the next one, so that its last line is copied if it continues there.</param>
internal sealed class LineSplitter(int maxLength, bool copies = false)
{
    private readonly List<ReadOnlyMemory<byte>> _partial = [];
    private ReadOnlyMemory<byte> _text;
    private int _partialLength;

    public bool HasPartialLine => _partialLength > 0;

    public bool IsTooLong => _partialLength > maxLength;

    /// <summary>Sets the next chunk. All lines of the previous one must have been read.</summary>
    public void Add(ReadOnlyMemory<byte> text) => _text = text;

    /// <summary>Discards the partial line, because its end is missing.</summary>
    public void DiscardPartialLine()
    {
        _partial.Clear();
        _partialLength = 0;
    }

    /// <summary>Reads the next line, without its line break.</summary>
    public bool TryReadLine(out ReadOnlyMemory<byte> line)
    {
        var end = _text.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            line = default;
            if (!_text.IsEmpty)
            {
                _partial.Add(copies ? _text.ToArray() : _text);
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
