using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>A subscription to one key of one feed. Disposing it releases the registration if no other subscription uses it.</summary>
public abstract class FeedSubscription : IAsyncDisposable
{
    private readonly ISubscriptionSource _source;
    private int _readers;

    private protected FeedSubscription(ISubscriptionSource source, FrameQueue queue)
    {
        _source = source;
        Queue = queue;
    }

    /// <summary>The feed, in the form that the chosen service offers.</summary>
    public FeedSchema Feed => _source.Feed;

    /// <summary>The key within the feed.</summary>
    public string Key => _source.Key;

    /// <summary>Number of frames received, including dropped and malformed ones.</summary>
    public long Received => Queue.Received;

    /// <summary>Number of frames dropped because the consumer was too slow.</summary>
    public long Dropped => Queue.Dropped;

    /// <summary>Number of frames and records that could not be read.</summary>
    public long Malformed => Queue.Malformed + Queue.Undecodable;

    /// <summary>Number of frames waiting to be read.</summary>
    public int QueueDepth => Queue.Depth;

    private protected FrameQueue Queue { get; }

    /// <summary>
    /// Ends the subscription. Queued items can still be read; then the stream ends. Returns once the server has confirmed the release, or
    /// immediately if other subscriptions use the registration.
    /// </summary>
    public Task UnsubscribeAsync(CancellationToken cancellationToken = default) => _source.EndAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await UnsubscribeAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected virtual ValueTask EndAsync() => ValueTask.CompletedTask;

    private protected void BeginReading()
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
            throw new InvalidOperationException("the subscription already has a reader; subscribe again to read the data twice");
    }

    private protected void EndReading() => Volatile.Write(ref _readers, 0);
}
