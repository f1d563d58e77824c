using KisFeed.Feeds;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Is called with records and events.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
/// <param name="read">Reads its records.</param>
/// <param name="audit">Follows them.</param>
/// <param name="throwsEvery">Of how many records one makes it throw; 0 for none.</param>
internal sealed class CallbackConsumer<TRecord>(Feed<TRecord> feed, string key, ReadRecord<TRecord> read, Audit audit, int throwsEvery = 0) : Consumer(audit)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private CallbackSubscription<TRecord>? _subscription;
    private long _thrown;

    public override FeedSubscription Subscription => _subscription!;

    public override Task Completion => _subscription!.Completion;

    /// <summary>Exceptions that it has thrown.</summary>
    public long Thrown => Volatile.Read(ref _thrown);

    public override async Task SubscribeAsync(KisFeedClient client) =>
        _subscription = await client.SubscribeAsync(feed, key, OnRecord, Audit.OnEvent);

    public override void Close()
    {
        base.Close();
        if (_subscription!.HandlerErrors != Thrown)
            Audit.Wrong($"the handler threw {Thrown} exceptions, {_subscription.HandlerErrors} were counted");
    }

    private void OnRecord(in TRecord record)
    {
        Audit.OnRecord(read(in record, key));
        if (throwsEvery == 0 || Audit.Records % throwsEvery != 0)
            return;
        Volatile.Write(ref _thrown, _thrown + 1);
        throw new InvalidOperationException("thrown on purpose, to see that the next record follows");
    }
}
