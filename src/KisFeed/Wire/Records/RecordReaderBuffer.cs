using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>
/// Room for the offsets that a <see cref="RecordReader"/> notes, kept from frame to frame. For one frame at a time, and one thread.
/// </summary>
/// <remarks>
/// What reads many frames does well to keep one: a method with both a loop and a <see langword="stackalloc"/> is compiled once and never improved by what is learnt of its calls.
/// </remarks>
/// <example>
/// <code>
/// if (!_scratch.TryRead(IndexTrade.Feed.Schema, frame, out var reader, out var error))
///     return Wrong(error);
/// while (reader.MoveNext())
///     Use(reader.Current[4]);
/// </code>
/// </example>
public sealed class RecordReaderBuffer
{
    // Enough for every feed that is published.
    private int[] _offsets = new int[128];

    /// <summary>
    /// Finds out how the records of a frame are laid out, as <see cref="FeedSchema.TryResolve"/> does, and begins before the first. A frame of one record is looked through once for both.
    /// </summary>
    /// <param name="feed">The feed that the frame is of.</param>
    /// <param name="frame">The frame, in plain form.</param>
    /// <param name="reader">The reader. Valid until the next call.</param>
    /// <param name="error">What is wrong with the frame.</param>
    // A reader that is passed back through memory costs more than is spared.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(FeedSchema feed, scoped in DataFrame frame, out RecordReader reader, out FrameError error)
    {
        if (frame.Count == 1)
        {
            // With all of the room used there may be more.
            var most = _offsets.Length - 1 - Separators.Slack;
            var bytes = frame.Bytes;
            var width = Separators.Find(bytes, frame.PayloadOffset, most, _offsets);
            if (width < most && feed.LayoutOf(width) is { } layout)
            {
                reader = new RecordReader(bytes, layout, _offsets);
                error = default;
                return true;
            }
        }

        return TryReadAny(feed, frame, out reader, out error);
    }

    /// <summary>Begins before the first record of a frame of which it is known how they are laid out.</summary>
    /// <param name="frame">The frame, in plain form.</param>
    /// <param name="shape">What <see cref="FeedSchema.TryResolve"/> found for this frame.</param>
    /// <returns>The reader. Valid until the next call.</returns>
    public RecordReader Read(DataFrame frame, scoped in FrameShape shape)
    {
        var length = RecordReader.ScratchLength(shape);

        // One more than is needed, so that the next frame of this layout is seen to have no more.
        if (_offsets.Length <= length)
            _offsets = new int[length + 1];
        return new RecordReader(frame, shape, _offsets);
    }

    private bool TryReadAny(FeedSchema feed, scoped in DataFrame frame, out RecordReader reader, out FrameError error)
    {
        if (!feed.TryResolve(frame, out var shape, out error))
        {
            reader = default;
            return false;
        }

        reader = Read(frame, shape);
        return true;
    }
}
