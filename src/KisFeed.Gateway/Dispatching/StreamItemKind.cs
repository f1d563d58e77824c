namespace KisFeed.Gateway.Dispatching;

internal enum StreamItemKind
{
    Record,

    /// <summary>Data is missing here.</summary>
    Gap,

    /// <summary>Data may be missing from here on.</summary>
    Interruption,

    /// <summary>A frame or record that could not be read.</summary>
    Malformed,

    /// <summary>Upstream released the key; data before the next item is unknown. Kept in the replay buffer, never sent.</summary>
    Break,

    /// <summary>The stream now has a key.</summary>
    Subscribed,

    /// <summary>Recorded items follow.</summary>
    History,

    /// <summary>The recorded items end here; what follows is live.</summary>
    Live,

    /// <summary>The stream gave a key back.</summary>
    Unsubscribed,

    /// <summary>A key was refused or lost, or a message was not understood.</summary>
    Refused,

    /// <summary>The result of resuming an earlier stream.</summary>
    Resumed,

    /// <summary>The stream ends, and why.</summary>
    End,

    /// <summary>Nothing was sent for a while.</summary>
    Heartbeat,

    /// <summary>Raw bytes of the connection, such as a pong frame.</summary>
    Wire,
}
