using KisFeed.Feeds;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Pulls records, with what stands between them.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
/// <param name="read">Reads its records.</param>
/// <param name="audit">Follows them.</param>
/// <param name="pause">How long it dawdles over each; none by default.</param>
internal sealed class PullConsumer<TRecord>(Feed<TRecord> feed, string key, ReadRecord<TRecord> read, Audit audit, TimeSpan pause = default) : Consumer(audit)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private Subscription<TRecord>? _subscription;
    private Task? _completion;
    private volatile bool _isInHurry;

    public override FeedSubscription Subscription => _subscription!;

    public override Task Completion => _completion!;

    public override async Task SubscribeAsync(KisFeedClient client)
    {
        _subscription = await client.SubscribeAsync(feed, key);
        _completion = Task.Run(ReadAsync);
    }

    public override void Hurry() => _isInHurry = true;

    private async Task ReadAsync()
    {
        await foreach (var item in _subscription!.ReadItemsAsync())
        {
            if (item.Event is { } happened)
                Audit.OnEvent(happened);
            else
                Audit.OnRecord(read(item.Record, key));
            if (pause > TimeSpan.Zero && !_isInHurry)
                await Task.Delay(pause);
        }
    }
}
