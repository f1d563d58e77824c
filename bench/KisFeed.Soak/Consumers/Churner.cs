using KisFeed.Feeds;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>Repeatedly subscribes to a bond, reads some records and unsubscribes; sometimes cancels before the confirmation.</summary>
/// <param name="client">The client.</param>
/// <param name="key">The bond.</param>
/// <param name="audit">Creates an audit for each subscription.</param>
/// <param name="seed">The seed of its random choices.</param>
internal sealed class Churner(KisFeedClient client, string key, Func<Audit> audit, int seed)
{
    private static readonly TimeSpan s_unsubscribeTimeout = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private DeliveryStats _finished = new();
    private Audit? _current;
    private long _subscriptions;
    private long _refused;
    private long _cancelled;

    public long Subscriptions => Volatile.Read(ref _subscriptions);

    public long Refused => Volatile.Read(ref _refused);

    public long Cancelled => Volatile.Read(ref _cancelled);

    public DeliveryStats DeliveryStats
    {
        get
        {
            lock (_gate)
                return _current is { } current ? _finished + current.DeliveryStats : _finished;
        }
    }

    /// <summary>Runs until it is cancelled; nothing is subscribed afterwards.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await SubscribeOnceAsync(cancellation);
            await Task.Delay(_random.Next(10, 500), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SubscribeOnceAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_random.Next(5, 3_000));
        try
        {
            var subscription = await client.SubscribeAsync(BondTrade.Feed, key, cancellationToken: timeout.Token);
            Volatile.Write(ref _subscriptions, _subscriptions + 1);
            await ConsumeAsync(subscription, _random.Next(1, 300), cancellation);
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref _cancelled, _cancelled + 1);
        }
        catch (Exception e) when (e is SubscribeRefusedException or SubscribeTimeoutException)
        {
            // A first subscription to a key is refused immediately.
            Volatile.Write(ref _refused, _refused + 1);
        }
    }

    private async Task ConsumeAsync(Subscription<BondTrade> subscription, int records, CancellationToken cancellation)
    {
        var own = audit();
        lock (_gate)
            _current = own;
        try
        {
            await foreach (var item in subscription.ReadItemsAsync(cancellation))
            {
                if (item.Event is { } feedEvent)
                    own.OnEvent(feedEvent);
                else
                    own.OnRecord(Readings.Of(item.Record, key));
                if (own.Records >= records)
                    break;
            }
        }
        finally
        {
            await UnsubscribeAsync(subscription, own);
            own.Close();
            lock (_gate)
            {
                _finished += own.DeliveryStats;
                _current = null;
            }
        }
    }

    private static async Task UnsubscribeAsync(Subscription<BondTrade> subscription, Audit audit)
    {
        try
        {
            await subscription.DisposeAsync().AsTask().WaitAsync(s_unsubscribeTimeout);
        }
        catch (TimeoutException)
        {
            audit.ReportError($"its release did not complete within {s_unsubscribeTimeout.TotalSeconds:0} s");
        }
    }
}
