namespace KisFeed;

/// <summary>Why data are missing.</summary>
public enum GapReason
{
    /// <summary>The consumer was too slow and its queue overflowed.</summary>
    QueueOverflow,

    /// <summary>The registration had to be made anew, because answers of the server left in doubt whether it stood.</summary>
    Renewed,

    /// <summary>The connection broke or was closed.</summary>
    ConnectionLost,

    /// <summary>Nothing arrived for so long that the connection was taken for dead and replaced.</summary>
    Silence,

    /// <summary>The registration was moved to another session.</summary>
    Moved,

    /// <summary>In a capture: nothing was recorded for a while, because no recorder ran.</summary>
    NotRecorded,

    /// <summary>What was received or recorded here cannot be read. A gateway passes on no order notice that it cannot read: each HTS ID that it may have been for has a gap.</summary>
    Unreadable,
}
