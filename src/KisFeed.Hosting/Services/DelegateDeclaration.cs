using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Hosting.Services;

/// <summary>A feed for callbacks that the program gave.</summary>
internal sealed class DelegateDeclaration<TRecord>(
    Feed<TRecord> feed,
    Func<KisFeedOptions, IReadOnlyList<string>> keys,
    RecordHandler<TRecord> onRecord,
    Action<FeedEvent>? onEvent) : FeedDeclaration(keys)
    where TRecord : struct, IFeedRecord<TRecord>
{
    public override FeedBinding Bind(IServiceProvider services) => new RecordBinding<TRecord>(feed, onRecord, onEvent);
}
