using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Validates frames of a capture as for live frames: an invalid frame is rejected as a whole.</summary>
internal static class PlainFrame
{
    /// <summary>Opens a reader before the first record of a frame.</summary>
    /// <param name="feed">The feed of the frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="scratch">The buffer for the reader.</param>
    /// <param name="reader">The reader.</param>
    /// <param name="error">The error, if the frame is not valid.</param>
    public static bool TryRead(
        FeedSchema feed, scoped in DataFrame frame, RecordReaderBuffer scratch, out RecordReader reader, out FrameError error)
    {
        reader = default;
        if (frame.IsEncrypted)
        {
            error = new FrameError(FrameErrorKind.NoNoticeKey, frame.PayloadOffset);
            return false;
        }

        var invalid = Utf8Text.IndexOfInvalid(frame.Payload);
        if (invalid >= 0)
        {
            error = new FrameError(FrameErrorKind.InvalidUtf8, frame.PayloadOffset + invalid);
            return false;
        }

        return scratch.TryRead(feed, frame, out reader, out error);
    }
}
