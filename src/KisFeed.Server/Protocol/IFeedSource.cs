using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>Where the records come from that sessions send: a market, a capture, another session. For any thread.</summary>
internal interface IFeedSource
{
    /// <summary>Whether a feed that is known can have this key.</summary>
    bool IsWellFormed(string trId, string trKey);

    /// <summary>
    /// Asks whether a session may have a registration, before its client is answered. What is admitted is subscribed next, and unsubscribed in the end. The
    /// client's next request waits meanwhile. Without a say in it a source admits everything.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="trKey">The key within the feed, which is well-formed.</param>
    /// <returns>The code to refuse with; <see langword="null"/> where it is admitted.</returns>
    ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey) => default;

    /// <summary>Begins to deliver records to a registration, one after another and in order.</summary>
    ValueTask SubscribeAsync(Registration registration);

    /// <summary>Ends the delivery: when this has completed, no record comes any more.</summary>
    ValueTask UnsubscribeAsync(Registration registration);
}
