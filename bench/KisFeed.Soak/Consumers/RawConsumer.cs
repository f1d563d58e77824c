using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Pulls frames and parses their bytes itself.</summary>
internal sealed class RawConsumer(FeedSchema feed, string key, Audit audit) : Consumer(audit)
{
    private readonly RawFrame _frame = new(feed, key);
    private FrameSubscription? _subscription;
    private Task? _completion;
    private long _frames;

    public override FeedSubscription Subscription => _subscription!;

    public override Task Completion => _completion!;

    public override async Task SubscribeAsync(KisFeedClient client)
    {
        _subscription = await client.SubscribeAsync(feed, key);
        _completion = Task.Run(ReadAsync);
    }

    public override void Close()
    {
        base.Close();
        var accounted = _frames + Audit.DeliveryStats.Malformed + Subscription.Dropped;
        if (accounted != Subscription.Received)
            Audit.ReportError($"{Subscription.Received} frames were received, but {accounted} were delivered, malformed or dropped");
    }

    private async Task ReadAsync()
    {
        await foreach (var item in _subscription!.ReadAllAsync())
        {
            if (item.Event is { } feedEvent)
            {
                Audit.OnEvent(feedEvent);
                continue;
            }

            _frames++;
            if (_frame.Read(item.Frame.Bytes.Span, Audit) == 0)
                Audit.ReportError("a frame without a record of the key");
        }
    }
}
