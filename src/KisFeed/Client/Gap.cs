namespace KisFeed;

/// <summary>An interval in which data of a subscription may be missing.</summary>
public sealed record Gap : FeedEvent
{
    /// <summary>When the last frame before the gap was received; <see langword="null"/> where there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When the first frame after the gap was received; <see langword="null"/> where none followed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Why data are missing.</summary>
    public required GapReason Reason { get; init; }

    /// <summary>How many frames are missing, where that is known.</summary>
    public long? Frames { get; init; }
}
