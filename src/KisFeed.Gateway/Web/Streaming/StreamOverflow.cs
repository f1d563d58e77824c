namespace KisFeed.Gateway;

/// <summary>What becomes of the records of a stream that is not read as fast as they come, once its queue is full.</summary>
internal enum StreamOverflow
{
    /// <summary>Those that have waited longest go, and a gap stands in their place.</summary>
    DropOldest,

    /// <summary>All but the newest of each key go, and gaps stand in their places.</summary>
    Latest,

    /// <summary>What waits is still sent, then the stream ends.</summary>
    Disconnect,
}
