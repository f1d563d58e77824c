
namespace KisFeed.Wire;

/// <summary>
/// Walks the records of one frame. A view over the frame's bytes; allocates nothing. <see cref="RecordReaderBuffer"/> makes one for who reads many frames.
/// </summary>
/// <example>
/// <code>
/// var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
/// while (reader.MoveNext())
///     Use(reader.Current[4]);
/// </code>
/// </example>
public ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly FrameShape _shape;
    private readonly Span<int> _starts;
    private readonly bool _isLocated;
    private int _next;
    private int _record;
    private int _end;

    /// <summary>Begins before the first record.</summary>
    /// <param name="frame">The frame, in plain form.</param>
    /// <param name="shape">What <see cref="FeedSchema.TryResolve"/> found for this frame.</param>
    /// <param name="scratch">Room for <see cref="ScratchLength"/> offsets, overwritten by each record.</param>
    public RecordReader(DataFrame frame, FrameShape shape, Span<int> scratch)
    {
        var bytes = frame.Bytes;
        _bytes = shape.HasSurplusSeparator ? bytes[..^1] : bytes;
        _shape = shape;
        _starts = scratch[..ScratchLength(shape)];
        _next = frame.PayloadOffset;
        _record = -1;
    }

    /// <summary>Begins before the only record of a frame, of which it is known where the columns begin.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="layout">The revision that the record is of, with as many columns as it has.</param>
    /// <param name="starts">Where each column begins, as <see cref="Separators.Find"/> gives them.</param>
    internal RecordReader(ReadOnlySpan<byte> frame, FeedLayout layout, Span<int> starts)
    {
        _bytes = frame;
        _shape = new FrameShape(layout, layout.Width, 1, false);
        _starts = starts[..ScratchLength(_shape)];
        _isLocated = true;
        _end = _bytes.Length;
        _record = -1;
    }

    /// <summary>How the records are laid out.</summary>
    public readonly FrameShape Shape => _shape;

    /// <summary>The current record. Valid until the next <see cref="MoveNext"/>.</summary>
    public readonly RecordFields Current => new(_bytes, _starts, _end, _shape.Layout, _shape.Width, _record);

    /// <summary>How many offsets the reader needs to note for a frame of this shape.</summary>
    public static int ScratchLength(in FrameShape shape) => shape.Layout.Width + 1 + Separators.Slack;

    /// <summary>Goes to the next record; <see langword="false"/> behind the last.</summary>
    public bool MoveNext()
    {
        if (_record + 1 >= _shape.Count)
            return false;
        _record++;
        if (_isLocated)
            return true;

        var named = _shape.Layout.Width;

        // Copied first: passed straight from the fields, a span would be loaded whole right after its parts were stored, for which a processor waits.
        var bytes = _bytes;
        var starts = _starts;
        Separators.Find(bytes, _next, named, starts);
        var end = starts[named] - 1;
        for (var i = named; i < _shape.Width; i++)
            end = FieldEnd(end + 1);
        _end = end;
        _next = end + 1;
        return true;
    }

    private readonly int FieldEnd(int start)
    {
        var length = _bytes[start..].IndexOf((byte)'^');
        return length < 0 ? _bytes.Length : start + length;
    }
}
