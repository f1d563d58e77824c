using KisFeed.Feeds;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Pulls records and events.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
/// <param name="read">Extracts the values for the audit.</param>
/// <param name="audit">Checks the records.</param>
/// <param name="pause">The delay after each item; none by default.</param>
internal sealed class PullConsumer<TRecord>(Feed<TRecord> feed, string key, ReadRecord<TRecord> read, Audit audit, TimeSpan pause = default)
    : Consumer(audit)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private Subscription<TRecord>? _subscription;
    private Task? _completion;
    private volatile bool _skipsDelays;

    public override FeedSubscription Subscription => _subscription!;

    public override Task Completion => _completion!;

    public override async Task SubscribeAsync(KisFeedClient client)
    {
        _subscription = await client.SubscribeAsync(feed, key);
        _completion = Task.Run(ReadAsync);
    }

    public override void SkipDelays() => _skipsDelays = true;

    private async Task ReadAsync()
    {
        await foreach (var item in _subscription!.ReadItemsAsync())
        {
            if (item.Event is { } feedEvent)
                Audit.OnEvent(feedEvent);
            else
                Audit.OnRecord(read(item.Record, key));
            if (pause > TimeSpan.Zero && !_skipsDelays)
                await Task.Delay(pause);
        }
    }
}
