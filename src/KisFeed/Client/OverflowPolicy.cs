namespace KisFeed;

/// <summary>What happens to frames that arrive while a subscription's queue is full. Whatever is lost is counted and reported in its place.</summary>
public enum OverflowPolicy
{
    /// <summary>The oldest frame in the queue makes room: the consumer stays close to the present.</summary>
    DropOldest,

    /// <summary>The arriving frame is dropped: what the consumer has is without holes up to there.</summary>
    DropNewest,
}
