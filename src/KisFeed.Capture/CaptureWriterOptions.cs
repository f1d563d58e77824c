using System.IO.Compression;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The options of a <see cref="CaptureWriter"/>.</summary>
public sealed record CaptureWriterOptions
{
    /// <summary>The folder; created if it does not exist. Each day in Korea has its own subfolder.</summary>
    public required string Directory { get; init; }

    /// <summary>The compressed size in bytes at which a feed continues in a new file. Default 64 MiB, at least 64 KiB.</summary>
    public long MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Whether a flush writes to the disk itself and not only to the system's cache, so that data survives a loss of power
    /// and not only a crash. Default yes.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>
    /// The compression level. Default <see cref="CompressionLevel.Optimal"/>, which handles hundreds of thousands of frames per second.
    /// </summary>
    public CompressionLevel Compression { get; init; } = CompressionLevel.Optimal;

    /// <summary>
    /// The known feeds, which determine which feeds are order notices. Only the owner may read the files of
    /// order notices and of unknown feeds.
    /// </summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    // An unknown feed may be one of order notices.
    internal bool IsPrivate(string trId) => !Catalog.TryFind(trId, out var feed) || feed.IsNotice;
}

/// <summary>The recovery of a file that an earlier recorder had not closed, or that has changed since.</summary>
/// <param name="Path">The file, or the folder of a day.</param>
public sealed record CaptureRecovery(string Path)
{
    /// <summary>Incomplete bytes that were cut off its end; 0 if it was complete.</summary>
    public long CutBytes { get; init; }

    /// <summary>Whether it held no complete data and was removed.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Whether it is damaged elsewhere than at its end. It was left unchanged, and recording continues in another file.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>
    /// The system's message if recovery failed; otherwise <see langword="null"/>. The file was left unchanged, and
    /// recording continues in another file.
    /// </summary>
    public string? Problem { get; init; }
}
