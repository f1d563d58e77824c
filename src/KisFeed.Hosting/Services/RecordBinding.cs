using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Hosting.Services;

/// <summary>A feed whose records and events go to callbacks.</summary>
internal sealed class RecordBinding<TRecord>(Feed<TRecord> feed, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent) : FeedBinding
    where TRecord : struct, IFeedRecord<TRecord>
{
    public override string TrId => feed.TrId;

    public override bool IsNotice => feed.Schema.IsNotice;

    public override async Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken)
    {
        var subscription = await client.SubscribeAsync(feed, key, onRecord, onEvent ?? unhandled, cancellationToken).ConfigureAwait(false);
        return subscription.Completion;
    }
}
