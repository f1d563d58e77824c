namespace KisFeed;

/// <summary>Why data are missing.</summary>
public enum GapReason
{
    /// <summary>The consumer was too slow and its queue overflowed.</summary>
    QueueOverflow,

    /// <summary>The registration had to be made anew, because answers of the server left in doubt whether it stood.</summary>
    Renewed,
    /// <summary>i</summary>
    ConnectionLost,
    /// <summary>i</summary>
    Silence,
    /// <summary>i</summary>
    Moved,
}
