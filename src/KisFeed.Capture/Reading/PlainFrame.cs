using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Which frames of a capture are read at all: as live, one that is not right is refused as a whole.</summary>
internal static class PlainFrame
{
    /// <summary>Finds the shape of a frame's records.</summary>
    /// <param name="feed">The feed of the frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="shape">How its records are cut.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryResolve(FeedSchema feed, in DataFrame frame, out FrameShape shape, out FrameError error)
    {
        shape = default;
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

        return feed.TryResolve(frame, out shape, out error);
    }
}
