using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>What of a capture is read, and how.</summary>
public sealed record CaptureReaderOptions
{
    /// <summary>The options as they are when nothing is said: everything.</summary>
    public static CaptureReaderOptions Default { get; } = new();

    /// <summary>What was received before this is passed over.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>What was received at this or later is passed over.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>The TR IDs whose frames and events are read; empty, the default, for all.</summary>
    public IReadOnlyList<string> TrIds { get; init; } = [];

    /// <summary>The feeds that records are decoded by. Default those of this library; with a layout file, <see cref="FeedCatalog.WithLayouts"/>.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>The longest line that is read, in bytes. Default 4 MiB, which is more than a message of a recorder's session can be.</summary>
    public int MaxLineBytes { get; init; } = 4 << 20;
}
