using KisFeed.Wire;

namespace KisFeed.Hosting;

/// <summary>
/// Takes what a feed brings: one call at a time for each key, in order. There is one instance for all keys it is added for, and calls for
/// different keys may come at once. What it throws is logged and counted, and the next record follows.
/// </summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public interface IFeedHandler<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    /// <summary>Called with each record. It is valid during the call; copy it to keep it.</summary>
    void OnRecord(in TRecord record);

    /// <summary>Called with each gap and malformed frame, in order with the records: here data may be missing.</summary>
    void OnEvent(FeedEvent happened);
}
