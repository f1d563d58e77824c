namespace KisFeed.Server;

/// <summary>What a message to a client is.</summary>
internal enum MessageKind
{
    /// <summary>A data frame.</summary>
    Data,

    /// <summary>The answer to a request that was granted.</summary>
    Acknowledgement,

    /// <summary>The answer to a request that was not.</summary>
    Refusal,

    /// <summary>A heartbeat.</summary>
    Heartbeat,

    /// <summary>A message that the broker's protocol does not have.</summary>
    ServerEvent,
}
