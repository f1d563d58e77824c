using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>A subscription whose records are pulled.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public sealed class Subscription<TRecord> : FeedSubscription
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordDecoder<TRecord> _decoder;

    internal Subscription(SessionConnection connection, Attachment attachment)
        : base(connection, attachment) =>
        _decoder = new RecordDecoder<TRecord>(Feed, Key, Queue);

    /// <summary>
    /// The records, as they arrive. Gaps and malformed frames are passed over; they are counted in <see cref="FeedSubscription.Dropped"/> and
    /// <see cref="FeedSubscription.Malformed"/>, and <see cref="ReadItemsAsync"/> tells them.
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

    /// <summary>The records as they arrive, with gaps and malformed frames in their places.</summary>
    /// <exception cref="ConnectionLostException">The connection ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            var items = new ItemList();
            while (await Queue.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (Queue.TryRead(out var frame, out var gap))
                {
                    items.Items.Clear();
                    if (gap is not null)
                        items.OnEvent(gap);
                    _decoder.Decode(frame, items);
                    Queue.Return(frame);
                    foreach (var item in items.Items)
                        yield return item;
                }
            }

            if (Queue.TakeFinalGap() is { } last)
                yield return new FeedItem<TRecord>(last);
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }

    private sealed class ItemList : IRecordSink<TRecord>
    {
        public List<FeedItem<TRecord>> Items { get; } = [];

        public void OnRecord(in TRecord record) => Items.Add(new FeedItem<TRecord>(in record));

        public void OnEvent(FeedEvent @event) => Items.Add(new FeedItem<TRecord>(@event));
    }
}
