using KisFeed.Feeds;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>Subscribes to a bond, takes some of its records, leaves, and begins again; sometimes it gives up before it has been confirmed.</summary>
/// <param name="client">The client.</param>
/// <param name="key">The bond.</param>
/// <param name="audit">Makes an audit for each subscription.</param>
/// <param name="seed">What its choices come from.</param>
internal sealed class Churner(KisFeedClient client, string key, Func<Audit> audit, int seed)
{
    private static readonly TimeSpan s_leavingPatience = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private Tally _done = new();
    private Audit? _present;
    private long _subscriptions;
    private long _refused;
    private long _cancelled;

    public long Subscriptions => Volatile.Read(ref _subscriptions);

    public long Refused => Volatile.Read(ref _refused);

    public long Cancelled => Volatile.Read(ref _cancelled);

    public Tally Tally
    {
        get
        {
            lock (_gate)
                return _present is { } present ? _done + present.Tally : _done;
        }
    }

    /// <summary>Goes on until it is cancelled; nothing is subscribed then.</summary>
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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_random.Next(5, 3_000));
        try
        {
            var subscription = await client.SubscribeAsync(BondTrade.Feed, key, patience.Token);
            Volatile.Write(ref _subscriptions, _subscriptions + 1);
            await TakeAsync(subscription, _random.Next(1, 300), cancellation);
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref _cancelled, _cancelled + 1);
        }
        catch (Exception e) when (e is SubscribeRefusedException or SubscribeTimeoutException)
        {
            // Who asks for the first time is told at once.
            Volatile.Write(ref _refused, _refused + 1);
        }
    }

    private async Task TakeAsync(Subscription<BondTrade> subscription, int records, CancellationToken cancellation)
    {
        var own = audit();
        lock (_gate)
            _present = own;
        try
        {
            await foreach (var item in subscription.ReadItemsAsync(cancellation))
            {
                if (item.Event is { } happened)
                    own.OnEvent(happened);
                else
                    own.OnRecord(Readings.Of(item.Record, key));
                if (own.Records >= records)
                    break;
            }
        }
        finally
        {
            await LeaveAsync(subscription, own);
            own.Close();
            lock (_gate)
            {
                _done += own.Tally;
                _present = null;
            }
        }
    }

    private static async Task LeaveAsync(Subscription<BondTrade> subscription, Audit audit)
    {
        try
        {
            await subscription.DisposeAsync().AsTask().WaitAsync(s_leavingPatience);
        }
        catch (TimeoutException)
        {
            audit.Wrong($"its release did not end within {s_leavingPatience.TotalSeconds:0} s");
        }
    }
}
