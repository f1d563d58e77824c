using System.Runtime.CompilerServices;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// A subscription to any number of keys of one feed, whose consumer reads the records as one stream in the order of receipt. Keys can be
/// added and removed while it is read. It is a <see cref="RecordTap"/> with one feed.
/// </summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public sealed class KeysSubscription<TRecord> : IAsyncDisposable
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordTap _tap;
    private readonly Feed<TRecord> _feed;

    internal KeysSubscription(RecordTap tap, Feed<TRecord> feed)
    {
        _tap = tap;
        _feed = feed;
    }

    /// <inheritdoc cref="RecordTap.Refused"/>
    public IReadOnlyList<KeyRefusal> Refused => _tap.Refused;

    /// <inheritdoc cref="RecordTap.Received"/>
    public long Received => _tap.Received;

    /// <inheritdoc cref="RecordTap.Dropped"/>
    public long Dropped => _tap.Dropped;

    /// <inheritdoc cref="RecordTap.Malformed"/>
    public long Malformed => _tap.Malformed;

    /// <inheritdoc cref="RecordTap.QueueDepth"/>
    public int QueueDepth => _tap.QueueDepth;

    /// <summary>Adds keys.</summary>
    /// <inheritdoc cref="RecordTap.AddAsync{TRecord}(Feed{TRecord}, IEnumerable{string}, SubscribeOptions, CancellationToken)"/>
    public Task AddAsync(IEnumerable<string> keys, SubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        _tap.AddAsync(_feed, keys, options, cancellationToken);

    /// <summary>Adds one key.</summary>
    /// <inheritdoc cref="RecordTap.AddAsync{TRecord}(Feed{TRecord}, IEnumerable{string}, SubscribeOptions, CancellationToken)"/>
    public Task AddAsync(string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        _tap.AddAsync(_feed, key, options, cancellationToken);

    /// <summary>Removes a key.</summary>
    /// <inheritdoc cref="RecordTap.RemoveAsync{TRecord}(Feed{TRecord}, string, CancellationToken)"/>
    public Task RemoveAsync(string key, CancellationToken cancellationToken = default) => _tap.RemoveAsync(_feed, key, cancellationToken);

    /// <summary>
    /// The records as they arrive. Gaps, refusals of keys and other events are skipped; <see cref="ReadItemsAsync"/> returns them.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<TRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>The records as they arrive, each with its key, and events in order: those of a <see cref="FrameTap"/>.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _tap.BeginReading();
        try
        {
            do
            {
                while (!cancellationToken.IsCancellationRequested && _tap.TryTake(out var item))
                {
                    yield return item.TryGet(out TRecord record)
                        ? new FeedItem<TRecord>(record, item.Key)
                        : new FeedItem<TRecord>(item.Event!);
                }
            }
            while (await _tap.WaitToTakeAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _tap.EndReading();
        }
    }

    /// <inheritdoc cref="RecordTap.DisposeAsync"/>
    public ValueTask DisposeAsync() => _tap.DisposeAsync();
}
