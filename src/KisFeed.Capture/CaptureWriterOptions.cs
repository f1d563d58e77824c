using System.IO.Compression;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Where and how a capture is written.</summary>
public sealed record CaptureWriterOptions
{
    /// <summary>The folder; made where it is missing. Each Korean day has a folder in it.</summary>
    public required string Directory { get; init; }

    /// <summary>The length in bytes, packed, after which a feed goes on in its next file. Default 64 MiB, at least 64 KiB.</summary>
    public long MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Whether what is flushed is on the disk itself, rather than in the system's memory: then it outlives a loss of power, not only the end of the program. Default yes.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>How hard to pack. Default <see cref="CompressionLevel.Optimal"/>: the usual measure, for hundreds of thousands of frames a second.</summary>
    public CompressionLevel Compression { get; init; } = CompressionLevel.Optimal;

    /// <summary>By what is known which feeds are order notices. Their files, and those of feeds that are not known, only their owner may read.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    // What nobody knows may be an order notice.
    internal bool IsPrivate(string trId) => !Catalog.TryFind(trId, out var feed) || feed.IsNotice;
}

/// <summary>What was found of a file that an earlier recorder had not closed, or that is not as it was left, and what was done about it.</summary>
/// <param name="Path">The file, or the folder of a day.</param>
public sealed record CaptureRecovery(string Path)
{
    /// <summary>Bytes that were cut from its end because they were not whole; 0 where it ended well.</summary>
    public long CutBytes { get; init; }

    /// <summary>Whether nothing whole was in it, so that it was removed.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Whether it is damaged elsewhere than at its end: then nothing was changed, and recording goes on in another file.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Why it could not be put in order, in the words of the system; <see langword="null"/> where it could. It was left as it is, and recording goes on in another file.</summary>
    public string? Problem { get; init; }
}
