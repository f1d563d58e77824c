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

    /// <summary>Opens a reader before the first record of a frame of any feed, which is set if it is known.</summary>
    public static bool TryRead(
        FeedCatalog catalog, in Frame received, RecordReaderBuffer scratch, out FeedSchema? feed, out RecordReader reader,
        out FrameError error)
    {
        feed = null;
        reader = default;
        if (!DataFrame.TryParse(received, out var frame, out error))
            return false;
        if (catalog.TryGet(frame.TrId, out feed))
            return TryRead(feed, frame, scratch, out reader, out error);
        error = new FrameError(FrameErrorKind.UnknownTrId, frame.Bytes.IndexOf((byte)'|') + 1);
        return false;
    }
}
