namespace KisFeed.Gateway;

/// <summary>What an item of a stream is.</summary>
internal enum StreamItemKind
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Data are missing here.</summary>
    Gap,

    /// <summary>Data may be missing from here on.</summary>
    Interruption,

    /// <summary>A frame, or a record of one, that cannot be read.</summary>
    Malformed,

    /// <summary>Upstream has let a key go: what comes of it up to the next item is not known. Kept, and never sent.</summary>
    Break,

    /// <summary>A key that the stream now has.</summary>
    Subscribed,

    /// <summary>A key that the stream has no longer, as it wished.</summary>
    Unsubscribed,

    /// <summary>A key that the stream does not get, or no longer, or a message that makes no sense.</summary>
    Refused,

    /// <summary>What became of the wish to go on where an earlier stream ended.</summary>
    Resumed,

    /// <summary>The stream ends here, and why.</summary>
    End,

    /// <summary>Nothing has happened for a while.</summary>
    Heartbeat,

    /// <summary>Bytes of the connection's own, such as the answer to a ping.</summary>
    Wire,
}
