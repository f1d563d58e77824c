using KisFeed.Feeds;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Receives records and events by callbacks.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
/// <param name="read">Extracts the values for the audit.</param>
/// <param name="audit">Checks the records.</param>
/// <param name="throwsEvery">The interval, in records, at which the callback throws; 0 for never.</param>
internal sealed class CallbackConsumer<TRecord>(Feed<TRecord> feed, string key, ReadRecord<TRecord> read, Audit audit, int throwsEvery = 0)
    : Consumer(audit)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private CallbackSubscription<TRecord>? _subscription;
    private long _thrown;

    public override FeedSubscription Subscription => _subscription!;

    public override Task Completion => _subscription!.Completion;

    /// <summary>The number of thrown exceptions.</summary>
    public long Thrown => Volatile.Read(ref _thrown);

    public override async Task SubscribeAsync(KisFeedClient client) =>
        _subscription = await client.SubscribeAsync(feed, key, OnRecord, Audit.OnEvent);

    public override void Close()
    {
        base.Close();
        if (_subscription!.HandlerErrors != Thrown)
            Audit.ReportError($"the handler threw {Thrown} exceptions, {_subscription.HandlerErrors} were counted");
    }

    private void OnRecord(in TRecord record)
    {
        Audit.OnRecord(read(in record, key));
        if (throwsEvery == 0 || Audit.Records % throwsEvery != 0)
            return;
        Volatile.Write(ref _thrown, _thrown + 1);
        throw new InvalidOperationException("thrown on purpose, to check that the next record is delivered");
    }
}
