using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>What a frame is of that cannot be split into its parts: as far as its beginning says, <c>flag|TR_ID|</c>.</summary>
internal static class FramePrefix
{
    private const byte Separator = (byte)'|';

    /// <summary>The feed; <see langword="null"/> where the frame begins otherwise, or with a TR ID that is not known.</summary>
    public static FeedSchema? FeedOf(ReadOnlySpan<byte> frame)
    {
        if (frame is not [(byte)'0' or (byte)'1', Separator, .. var rest])
            return null;
        var end = rest.IndexOf(Separator);
        return end > 0 && KisFeeds.Catalog.TryGet(rest[..end], out var feed) ? feed : null;
    }
}
