using KisFeed.Capture.Files;

namespace KisFeed.Capture.Following;

/// <summary>A file of a capture and how far it has been read.</summary>
internal sealed class FollowedFile(DatedFile file)
{
    public string Path => file.Path;

    /// <summary>The path within the folder of the capture.</summary>
    public string Name => file.Name;

    public string Feed => file.Feed;

    public DateOnly Day => file.Day;

    public DatedFile Order => file;

    /// <summary>The position up to which the file has been read: the boundary of a block, where no line is open.</summary>
    public long Position { get; set; }

    /// <summary>The length when the folder was last searched.</summary>
    public long Length { get; set; } = file.Length;

    /// <summary>The time of the first line, when the position was stored; <see langword="null"/> if the file has not been read before.</summary>
    public DateTimeOffset? FirstAt { get; set; }

    /// <summary>Whether the last block read marks the end of a file that was closed normally.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether the file has been opened since the follower started, and is the one that the position belongs to.</summary>
    public bool IsIdentified { get; set; }

    /// <summary>The length at which a read brought nothing: the file ends in the middle of a write.</summary>
    public long StalledAt { get; set; } = -1;

    /// <summary>Why the file cannot be read; <see langword="null"/> if it can. It is tried again at the next full search.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether the feed has a later file, so that this one is complete.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>Bytes that have not been read yet.</summary>
    public long Unread => Math.Max(0, Length - Position);

    /// <summary>Bytes that could have been read, which an incomplete write at the end cannot.</summary>
    public long Lag => Length == StalledAt && Problem is null ? 0 : Unread;

    /// <summary>Whether a read may bring something.</summary>
    public bool IsReadable => Length < Position || (Unread > 0 && Length != StalledAt);
}

/// <summary>Items of one file, from one position to another.</summary>
internal sealed record FollowedBatch
{
    /// <summary>The TR ID in the name of the file.</summary>
    public required string Feed { get; init; }

    /// <summary>The day in Korea in the name of the file's folder.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The path within the folder of the capture.</summary>
    public required string File { get; init; }

    /// <summary>The time of the file's first line, if it can be read.</summary>
    public required DateTimeOffset? FirstAt { get; init; }

    /// <summary>The position up to which earlier batches have read the file.</summary>
    public required long From { get; init; }

    /// <summary>The position after the last item: the boundary of a block, where no line is open.</summary>
    public required long To { get; init; }

    /// <summary>Whether the last block marks the end of a file that was closed normally.</summary>
    public required bool IsClosed { get; init; }

    /// <summary>
    /// Whether the file is not the one that was read up to <see cref="From"/>, so that it was read from its beginning: some of its items may be known already.
    /// </summary>
    public bool IsRestarted { get; init; }

    public required IReadOnlyList<FollowedItem> Items { get; init; }

    public required int TextLength { get; init; }

    /// <summary>The offset of <see cref="Bytes"/>: <see cref="From"/>, or the beginning of a file that is read again.</summary>
    public long Start => IsRestarted ? 0 : From;

    /// <summary>The blocks up to <see cref="To"/>, as in the file; empty if they are too long to be kept, because much of them is damaged.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }
}

/// <summary>A frame, an event or a problem, and where it begins, which identifies it in the capture.</summary>
/// <param name="Item">The item.</param>
/// <param name="Position">The offset of the block in which its line begins; of damaged data, their own.</param>
/// <param name="Line">The number of the line among those that begin in the block, from 0.</param>
/// <param name="Text">The text of a line that is neither a frame nor an event; otherwise empty.</param>
internal readonly record struct FollowedItem(CaptureItem Item, long Position, int Line, ReadOnlyMemory<byte> Text);
