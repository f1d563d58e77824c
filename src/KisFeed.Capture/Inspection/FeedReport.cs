namespace KisFeed.Capture;

/// <summary>What a capture holds of one feed.</summary>
public sealed record FeedReport
{
    /// <summary>Stands for the TR ID of what does not say one that can be counted by itself: it is none, or too long, or there are too many that nobody knows.</summary>
    public const string NoFeed = "?";

    /// <summary>The TR ID, or <see cref="NoFeed"/>.</summary>
    public required string TrId { get; init; }

    /// <summary>Whether it is a feed of order notices, whose keys are HTS IDs.</summary>
    public bool IsNotice { get; init; }

    /// <summary>Whether nothing is known of it, so that its records cannot be read.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The keys, in order. Where there are too many, a problem says so, and the records of the others are <see cref="UnfollowedRecords"/>.</summary>
    public required IReadOnlyList<KeyReport> Keys { get; init; }

    /// <summary>Frames, readable or not; where keys are asked for, those that have something of them, or cannot be read at all.</summary>
    public long Frames { get; init; }

    /// <summary>Records that can be read.</summary>
    public long Records { get; init; }

    /// <summary>Frames, and records of frames, that cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>Records of keys that are not in <see cref="Keys"/>, because there are too many.</summary>
    public long UnfollowedRecords { get; init; }

    /// <summary>Frames whose records have more columns than any layout that is known; a layout file can name them.</summary>
    public long WiderThanKnown { get; init; }

    internal static ReadOnlySpan<byte> NoFeedBytes => "?"u8;

    /// <summary>When the first frame was received.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>When the last frame was received.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The most frames that were received within one second of the clock.</summary>
    public long BusiestFrames { get; init; }

    /// <summary>The second of that.</summary>
    public DateTimeOffset? BusiestAt { get; init; }

    /// <summary>Seconds of the clock in which frames were received at all.</summary>
    public long SecondsWithFrames { get; init; }

    /// <summary>Frames a second on average, from the first to the last; 0 where they have no span.</summary>
    public double MeanRate => LastAt > FirstAt ? Frames / (LastAt.Value - FirstAt.Value).TotalSeconds : 0;
}
