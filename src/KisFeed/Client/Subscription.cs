using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>A subscription whose records are pulled.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public sealed class Subscription<TRecord> : FeedSubscription
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordDecoder<TRecord> _decoder;

    // A reader may stop in the middle of a frame; the next one goes on there.
    private readonly Undelivered _undelivered = new();

    internal Subscription(ClientRuntime host, SubscriptionHandle handle, FrameQueue queue)
        : base(host, handle, queue) =>
        _decoder = new RecordDecoder<TRecord>(Feed, Key, Queue);

    /// <summary>
    /// The records, as they arrive. Gaps, interruptions and malformed frames are passed over; <see cref="ReadItemsAsync"/> tells them, and
    /// <see cref="FeedSubscription.Dropped"/> and <see cref="FeedSubscription.Malformed"/> count what is lost.
    /// </summary>
    /// <exception cref="ConnectionLostException">The connection ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<TRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>The records as they arrive, with gaps, interruptions and malformed frames in their places.</summary>
    /// <exception cref="ConnectionLostException">The connection ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            while (_undelivered.TryTake(out var item))
                yield return item;
            while (await Queue.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (!cancellationToken.IsCancellationRequested && _decoder.TryDecodeNext(_undelivered))
                {
                    while (_undelivered.TryTake(out var item))
                        yield return item;
                }
            }

            if (Queue.TakeFinalGap() is { } last)
                yield return new FeedItem<TRecord>(last.ToldTo(Feed, Key));
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }

    private sealed class Undelivered : IRecordSink<TRecord>
    {
        private readonly List<FeedItem<TRecord>> _items = [];
        private int _next;

        public void OnRecord(in TRecord record) => _items.Add(new FeedItem<TRecord>(in record));

        public void OnEvent(FeedEvent @event) => _items.Add(new FeedItem<TRecord>(@event));

        public bool TryTake(out FeedItem<TRecord> item)
        {
            if (_next < _items.Count)
            {
                item = _items[_next++];
                return true;
            }

            _items.Clear();
            _next = 0;
            item = default;
            return false;
        }
    }
}
