namespace KisFeed.Wire;

/// <summary>
/// Enumerates the records of one frame. A view over the frame's bytes; allocates nothing. To read many frames, use
/// a <see cref="RecordReaderBuffer"/>.
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

    /// <summary>Creates a reader before the first record.</summary>
    /// <param name="frame">The frame, unencrypted.</param>
    /// <param name="shape">The result of <see cref="FeedSchema.TryResolve"/> for this frame.</param>
    /// <param name="scratch">A buffer of <see cref="ScratchLength"/> offsets, overwritten by each record.</param>
    public RecordReader(DataFrame frame, FrameShape shape, Span<int> scratch)
    {
        var bytes = frame.Bytes;
        _bytes = shape.HasSurplusSeparator ? bytes[..^1] : bytes;
        _shape = shape;
        _starts = scratch[..ScratchLength(shape)];
        _next = frame.PayloadOffset;
        _record = -1;
    }

    /// <summary>Creates a reader before the only record of a frame whose column offsets are known.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="layout">The revision of the record, with the same number of columns.</param>
    /// <param name="starts">The offsets of the columns, as <see cref="Separators.Find"/> returns them.</param>
    /// <param name="statedDay">The day that the source states for the frame.</param>
    internal RecordReader(ReadOnlySpan<byte> frame, FeedLayout layout, Span<int> starts, DateOnly? statedDay)
    {
        _bytes = frame;
        _shape = new FrameShape(layout, layout.Width, 1, false) { StatedDay = statedDay };
        _starts = starts[..ScratchLength(_shape)];
        _isLocated = true;
        _end = _bytes.Length;
        _record = -1;
    }

    /// <summary>The layout of the records.</summary>
    public readonly FrameShape Shape => _shape;

    /// <summary>The current record, valid until the next <see cref="MoveNext"/>.</summary>
    public readonly RecordFields Current => new(_bytes, _starts, _end, _shape, _record);

    /// <summary>The number of offsets that a reader needs for a frame of this shape.</summary>
    public static int ScratchLength(in FrameShape shape) => shape.Layout.Width + 1 + Separators.Slack;

    /// <summary>Moves to the next record. Returns <see langword="false"/> after the last.</summary>
    public bool MoveNext()
    {
        if (_record + 1 >= _shape.Count)
            return false;
        _record++;
        if (_isLocated)
            return true;

        var named = _shape.Layout.Width;

        // Copied first: passed directly from the fields, a span would be loaded whole right after its parts were
        // stored, which stalls the processor.
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
