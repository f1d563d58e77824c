namespace KisFeed.Wire;

/// <summary>
/// Room for the offsets that a <see cref="RecordReader"/> notes, kept from frame to frame. For one frame at a time, and one thread.
/// </summary>
/// <remarks>
/// What reads many frames does well to keep one: a method with both a loop and a <see langword="stackalloc"/> is compiled once and never improved by what is learnt of its calls.
/// </remarks>
/// <example>
/// <code>
/// var reader = _scratch.Read(frame, shape);
/// while (reader.MoveNext())
///     Use(reader.Current[4]);
/// </code>
/// </example>
public sealed class RecordScratch
{
    // Enough for every feed that is published.
    private int[] _offsets = new int[128];

    /// <summary>Begins before the first record of a frame.</summary>
    /// <param name="frame">The frame, in plain form.</param>
    /// <param name="shape">What <see cref="FeedSchema.TryResolve"/> found for this frame.</param>
    /// <returns>The reader. Valid until the next call.</returns>
    public RecordReader Read(DataFrame frame, scoped in FrameShape shape)
    {
        var length = RecordReader.ScratchLength(shape);
        if (_offsets.Length < length)
            _offsets = new int[length];
        return new RecordReader(frame, shape, _offsets);
    }
}
