namespace KisFeed.Capture.Inspection;

/// <summary>The content of a capture for one feed.</summary>
public sealed record FeedReport
{
    /// <summary>Replaces TR IDs that are not counted separately: missing or too long ones, and unknown ones beyond a limit.</summary>
    public const string NoFeed = "?";

    /// <summary>The TR ID, or <see cref="NoFeed"/>.</summary>
    public required string TrId { get; init; }

    /// <summary>Whether it is a feed of order notices, whose keys are HTS IDs.</summary>
    public bool IsNotice { get; init; }

    /// <summary>Whether the feed is unknown, so that its records cannot be read.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>
    /// The keys, in order. If there are too many, this is reported as a problem, and the records of the others are counted
    /// in <see cref="UnfollowedRecords"/>.
    /// </summary>
    public required IReadOnlyList<KeyReport> Keys { get; init; }

    /// <summary>Frames, readable or not; if keys are selected, only frames with their records and unreadable frames.</summary>
    public long Frames { get; init; }

    /// <summary>Readable records.</summary>
    public long Records { get; init; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; init; }

    /// <summary>Records of keys that are not in <see cref="Keys"/>, because there are too many.</summary>
    public long UnfollowedRecords { get; init; }

    /// <summary>Frames whose records have more columns than any known layout; a layout file can name them.</summary>
    public long WiderThanKnown { get; init; }

    internal static ReadOnlySpan<byte> NoFeedBytes => "?"u8;

    /// <summary>The receive time of the first frame.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>The receive time of the last frame.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The maximum number of frames received within one second.</summary>
    public long BusiestFrames { get; init; }

    /// <summary>The second with <see cref="BusiestFrames"/>.</summary>
    public DateTimeOffset? BusiestAt { get; init; }

    /// <summary>The number of seconds in which frames were received.</summary>
    public long SecondsWithFrames { get; init; }

    /// <summary>The average number of frames per second, from the first to the last; 0 if they have the same time.</summary>
    public double MeanRate => LastAt > FirstAt ? Frames / (LastAt.Value - FirstAt.Value).TotalSeconds : 0;
}

/// <summary>The content of a capture for one key.</summary>
public sealed record KeyReport
{
    /// <summary>The key. Of order notices it is an HTS ID.</summary>
    public required string Key { get; init; }

    /// <summary>Readable records.</summary>
    public long Records { get; init; }

    /// <summary>The receive time of the first record.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>The receive time of the last record.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The number of gaps.</summary>
    public long Gaps { get; init; }

    /// <summary>The volume missed in gaps with a known volume; <see langword="null"/> if there is no such gap.</summary>
    public long? MissedVolume { get; init; }
}
