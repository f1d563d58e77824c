using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The options of a <see cref="CaptureReader"/>.</summary>
public sealed record CaptureReaderOptions
{
    /// <summary>The default options, which read everything.</summary>
    public static CaptureReaderOptions Default { get; } = new();

    /// <summary>Items received before this are skipped.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Items received at this time or later are skipped.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>The TR IDs of the frames and events to read. Default empty: all.</summary>
    public IReadOnlyList<string> TrIds { get; init; } = [];

    /// <summary>
    /// The feeds for decoding records. Default: those of this library. For layout files, use
    /// <see cref="LayoutFileExtensions.WithLayouts"/>.
    /// </summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>
    /// Whether to skip what is before <see cref="From"/> without reading it. Damage there is not reported then, line numbers count from
    /// where reading begins, and lines after a clock was set back may be skipped too.
    /// </summary>
    internal bool Seeks { get; init; }

    /// <summary>
    /// Whether the bytes of a frame are valid only until the next item is read, so that reading allocates nothing for a
    /// frame. Default: no, they can be kept.
    /// </summary>
    public bool ReusesBuffers { get; init; }

    /// <summary>The maximum length of a line, in bytes. Default 4 MiB, more than any message that a recorder receives.</summary>
    public int MaxLineBytes { get; init; } = 4 << 20;
}
