namespace KisFeed.Server;

/// <summary>Where the records come from that sessions send: a market, a capture, another session. For any thread.</summary>
internal interface IFeedSource
{
    /// <summary>Whether a feed that is known can have this key.</summary>
    bool IsWellFormed(string trId, string trKey);

    /// <summary>Begins to deliver records to a registration, one after another and in order.</summary>
    ValueTask SubscribeAsync(Registration registration);

    /// <summary>Ends the delivery: when this has completed, no record comes any more.</summary>
    ValueTask UnsubscribeAsync(Registration registration);
}
