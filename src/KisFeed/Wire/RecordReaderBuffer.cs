using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>
/// A reusable buffer for the column offsets of a <see cref="RecordReader"/>. For one frame at a time; not thread-safe.
/// </summary>
/// <remarks>
/// Code that reads many frames should keep one: the runtime compiles a method with both a loop and a <see langword="stackalloc"/> only
/// once and does not optimize it further.
/// </remarks>
/// <example>
/// <code>
/// if (!_scratch.TryRead(IndexTrade.Feed.Schema, frame, out var reader, out var error))
///     return Reject(error);
/// while (reader.MoveNext())
///     Use(reader.Current[4]);
/// </code>
/// </example>
public sealed class RecordReaderBuffer
{
    // Enough for every published feed.
    private int[] _offsets = new int[128];

    /// <summary>
    /// Determines the layout of a frame's records, as <see cref="FeedSchema.TryResolve"/> does, and returns a reader before the first
    /// record. A frame with one record is scanned only once for both.
    /// </summary>
    /// <param name="feed">The feed of the frame.</param>
    /// <param name="frame">The frame, unencrypted.</param>
    /// <param name="reader">The reader, valid until the next call.</param>
    /// <param name="error">The error in the frame.</param>
    // Returning the reader through memory would cost more than is saved.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(FeedSchema feed, scoped in DataFrame frame, out RecordReader reader, out FrameError error)
    {
        if (frame.Count == 1)
        {
            // If the buffer is full, there may be more columns.
            var most = _offsets.Length - 1 - Separators.Slack;
            var bytes = frame.Bytes;
            var width = Separators.Find(bytes, frame.PayloadOffset, most, _offsets);
            if (width < most && feed.LayoutOf(width) is { } layout)
            {
                reader = new RecordReader(bytes, layout, _offsets, frame.StatedDay);
                error = default;
                return true;
            }
        }

        return TryReadAny(feed, frame, out reader, out error);
    }

    /// <summary>Returns a reader before the first record of a frame whose layout is known.</summary>
    /// <param name="frame">The frame, unencrypted.</param>
    /// <param name="shape">The result of <see cref="FeedSchema.TryResolve"/> for this frame.</param>
    /// <returns>The reader, valid until the next call.</returns>
    public RecordReader Read(DataFrame frame, scoped in FrameShape shape)
    {
        var length = RecordReader.ScratchLength(shape);

        // One more than needed, so that the next frame of this layout can be seen to have no more columns.
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
