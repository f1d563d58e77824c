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

    /// <summary>
    /// The time of the first line, when the position was stored; <see langword="null"/> if the file has not been read before.
    /// </summary>
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
