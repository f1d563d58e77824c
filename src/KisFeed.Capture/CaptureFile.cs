namespace KisFeed.Capture;

/// <summary>A file of a capture, as found when it was opened.</summary>
/// <param name="Path">The path.</param>
/// <param name="Format">The format.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record CaptureFile(string Path, CaptureFileFormat Format, long Length)
{
    /// <summary>
    /// The feed in its header; <see langword="null"/> if there is no header, so that it may hold frames of several feeds.
    /// </summary>
    public string? TrId { get; init; }

    /// <summary>The time of its first line; <see langword="null"/> if that cannot be read.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>The archive that has its content, or that may have it once it is deleted from its folder.</summary>
    internal ICaptureArchive? Archive { get; init; }

    /// <summary>What the archive has of it, if it is not in a folder.</summary>
    internal ArchivedFile? Archived { get; init; }

    /// <summary>
    /// Whether it was closed normally. Otherwise it is being written, or its recorder was killed. Always <see langword="true"/> for formats
    /// other than blocks, which have no such mark.
    /// </summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether it is empty, so that it need not be opened.</summary>
    internal bool IsEmpty { get; init; }
}

/// <summary>The formats of capture files.</summary>
public enum CaptureFileFormat
{
    /// <summary>Gzip in blocks (BGZF), as the recorder writes it: each block has its own checksum.</summary>
    Blocks,

    /// <summary>Gzip without blocks, as other programs write it.</summary>
    Gzip,

    /// <summary>Plain text.</summary>
    Text,
}
