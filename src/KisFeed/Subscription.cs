using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>A subscription whose consumer reads the records as a stream.</summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public sealed class Subscription<TRecord> : FeedSubscription
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordDecoder<TRecord> _decoder;

    // A reader may stop in the middle of a frame; the next reader continues there.
    private readonly RecordBuffer<TRecord> _undelivered;

    internal Subscription(ISubscriptionSource source, FrameQueue queue)
        : base(source, queue)
    {
        _decoder = new RecordDecoder<TRecord>(Feed, Key, Queue);
        _undelivered = new RecordBuffer<TRecord>(Key);
    }

    /// <summary>
    /// The records as they arrive. Gaps, interruptions and malformed frames are skipped; <see cref="ReadItemsAsync"/> returns them, and
    /// <see cref="FeedSubscription.Dropped"/> and <see cref="FeedSubscription.Malformed"/> count the losses.
    /// </summary>
    /// <exception cref="ConnectionLostException">The connection was lost permanently; everything received
    /// before has been returned.</exception>
    public async IAsyncEnumerable<TRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>The records as they arrive, with gaps, interruptions and malformed frames in order.</summary>
    /// <exception cref="ConnectionLostException">The connection was lost permanently; everything received
    /// before has been returned.</exception>
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

            if (Queue.ReadFinalGap() is { } last)
                yield return new FeedItem<TRecord>(last.AddressedTo(Feed, Key));
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }
}
