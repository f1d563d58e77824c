namespace KisFeed;

/// <summary>Why data are missing.</summary>
public enum GapReason
{
    /// <summary>The consumer was too slow and its queue overflowed.</summary>
    QueueOverflow,
}
