namespace KisFeed;

/// <summary>Why data are missing.</summary>
public enum GapReason
{
    /// <summary>The consumer was too slow and its queue overflowed.</summary>
    QueueOverflow,

    /// <summary>The registration was sent again, because the server's answers did not show whether it was active.</summary>
    Renewed,

    /// <summary>The connection broke or was closed.</summary>
    ConnectionLost,

    /// <summary>Nothing arrived for so long that the connection was considered dead and was replaced.</summary>
    Silence,

    /// <summary>The registration was moved to another session.</summary>
    Moved,

    /// <summary>In a capture: no recorder ran, so nothing was recorded.</summary>
    NotRecorded,

    /// <summary>
    /// Received or recorded data cannot be read. A gateway does not forward an order notice that it cannot read: each HTS ID
    /// that it may have concerned gets a gap.
    /// </summary>
    Unreadable,

    /// <summary>The permission to use the app key ended, and the session was dropped (<see cref="KisFeedOptions.Permits"/>).</summary>
    StoodDown,

    /// <summary>
    /// The process did not run for a while: it was stopped, or the machine was suspended. The gap begins at the last frame before. Frames
    /// that arrived meanwhile may follow it, if the connection has kept them: their times of receipt are those at which they were read.
    /// </summary>
    Paused,

    /// <summary>The registration gave its slot to one with a higher priority (<see cref="SubscribeOptions.Priority"/>).</summary>
    Evicted,
}
