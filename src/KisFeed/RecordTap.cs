using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// One consumer of any number of keys of any number of feeds. It receives typed records in the order of receipt over all of them, with
/// events in order. Keys can be added and removed at any time, from any thread; only one reader at a time can read.
/// </summary>
/// <remarks>
/// It has one queue, bounded by <see cref="FrameTapOptions"/>. A frame that does not fit is dropped on arrival, and each key that it
/// belonged to gets a <see cref="Gap"/> there. A registration can be shared with subscriptions and other taps.
/// </remarks>
/// <example>
/// <code>
/// await using var tap = client.OpenRecordTap();
/// await tap.AddAsync(StockTrade.Krx, ["005930", "000660"]);
/// await tap.AddAsync(StockOrderBook.Krx, ["005930", "000660"]);
/// await foreach (var item in tap.ReadAllAsync())
///     if (item.TryGet(out StockTrade trade))
///         OnTrade(trade);
///     else if (item.TryGet(out StockOrderBook book))
///         OnBook(book);
/// </code>
/// </example>
public sealed class RecordTap : IAsyncDisposable
{
    private readonly FrameTap _tap;
    private readonly RefusedKeys _refused = new();
    private int _readers;

    internal RecordTap(FrameTap tap)
    {
        _tap = tap;
        Decoder = new TapDecoder(tap);
    }

    /// <summary>The keys that could not be added. A key leaves the list when it is added later.</summary>
    public IReadOnlyList<KeyRefusal> Refused => _refused.ToList();

    /// <summary>Number of frames received, each counted once, including dropped and malformed ones.</summary>
    public long Received => _tap.Received;

    /// <summary>Number of frames dropped because the reader was too slow.</summary>
    public long Dropped => _tap.Dropped;

    /// <summary>Number of frames and records that could not be read.</summary>
    public long Malformed => Decoder.Malformed;

    /// <summary>Number of frames waiting to be read.</summary>
    public int QueueDepth => _tap.QueueDepth;

    internal TapDecoder Decoder { get; }

    /// <summary>
    /// Adds keys of a feed. Returns once the server has answered for each of them; without a connection, this waits until one is
    /// established. A key that is refused does not affect the others: it is in <see cref="Refused"/>, and the reader gets a
    /// <see cref="RegistrationRefused"/>. Only if every key is refused, the error of the first is thrown.
    /// </summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <param name="feed">The feed, e.g. <see cref="StockTrade.Krx"/>.</param>
    /// <param name="keys">The keys within the feed, case-sensitive. A key that is named twice is added once.</param>
    /// <param name="options">The options of the registrations, such as their priority.</param>
    /// <param name="cancellationToken">Cancels the wait; keys that the server has not acknowledged are then not registered.</param>
    /// <exception cref="ArgumentException">A key is empty, has leading or trailing blanks, or contains control characters; or the options
    /// have <see cref="SubscribeOptions.From"/>.</exception>
    /// <exception cref="InvalidOperationException">The tap already has one of the keys or is adding it.</exception>
    /// <exception cref="SubscribeRefusedException">The server refused every key.</exception>
    /// <exception cref="SubscribeTimeoutException">The server did not answer for any key in time.</exception>
    /// <exception cref="RegistrationLimitException">No session has room for any of the keys.</exception>
    /// <exception cref="FeedNotAvailableException">The service does not offer the feed; nothing was sent.</exception>
    /// <exception cref="ConnectionLostException">The session has ended and does not reconnect.</exception>
    /// <exception cref="ObjectDisposedException">The tap or the client was disposed.</exception>
    public async Task AddAsync<TRecord>(
        Feed<TRecord> feed, IEnumerable<string> keys, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(keys);
        string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
        var known = _tap.Find(feed.Schema);
        foreach (var key in distinct)
            FeedKey.Validate(known, key);
        var decoder = Decoder.DecoderOf<TRecord>(known);
        var refusals = await Task.WhenAll(distinct.Select(key => AddAsync(decoder, key, options, cancellationToken))).ConfigureAwait(false);
        if (refusals.Length > 0 && Array.TrueForAll(refusals, static r => r is not null))
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refusals[0]!.Error);
    }

    /// <summary>Adds one key of a feed.</summary>
    /// <inheritdoc cref="AddAsync{TRecord}(Feed{TRecord}, IEnumerable{string}, SubscribeOptions, CancellationToken)"/>
    public Task AddAsync<TRecord>(
        Feed<TRecord> feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord> => AddAsync(feed, [key], options, cancellationToken);

    /// <summary>
    /// Removes a key of a feed. Records that wait to be read are still delivered, then a <see cref="RegistrationReleased"/>. Returns once
    /// the server has confirmed the release, or immediately if others use the registration. Does nothing if the tap does not have the key.
    /// </summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Cancels the wait; the registration is released nevertheless.</param>
    public Task RemoveAsync<TRecord>(Feed<TRecord> feed, string key, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        return _tap.RemoveAsync(feed.Schema, key, cancellationToken);
    }

    /// <summary>The records and events in the order of receipt. An item's record can be read until the next item is read.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<RecordTapItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            do
            {
                while (!cancellationToken.IsCancellationRequested && TryTake(out var item))
                    yield return new RecordTapItem(item);
            }
            while (await WaitToTakeAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            EndReading();
        }
    }

    /// <summary>
    /// Closes the tap. Nothing more is received; queued items can still be read. Returns once the server has confirmed the release of
    /// registrations that nobody else uses.
    /// </summary>
    public ValueTask DisposeAsync() => _tap.DisposeAsync();

    internal void BeginReading()
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
            throw new InvalidOperationException("the tap already has a reader; open another tap to read the data twice");
    }

    internal void EndReading() => Volatile.Write(ref _readers, 0);

    /// <summary>Takes the next item. A reader may stop in the middle of a frame; the next reader continues there.</summary>
    internal bool TryTake(out DecodedItem item)
    {
        do
        {
            if (Decoder.TryTake(out item))
                return true;
        }
        while (Decoder.TryDecodeNext());
        return false;
    }

    internal ValueTask<bool> WaitToTakeAsync(CancellationToken cancellationToken) => _tap.WaitToReadAsync(cancellationToken);

    private async Task<KeyRefusal?> AddAsync(
        FeedDecoder decoder, string key, SubscribeOptions? options, CancellationToken cancellationToken)
    {
        decoder.BeginAdding(key);
        var isAdded = false;
        try
        {
            await _tap.RegisterAsync(decoder.Feed, key, options, deliversEveryRefusal: true, cancellationToken).ConfigureAwait(false);
            isAdded = true;
            _refused.Remove(decoder.Feed, key);
            return null;
        }
        catch (KisFeedException e) when (e is SubscribeRefusedException or SubscribeTimeoutException or RegistrationLimitException)
        {
            var refusal = new KeyRefusal(decoder.Feed, key, e);
            _refused.Add(refusal);
            return refusal;
        }
        finally
        {
            decoder.EndAdding(key, isAdded || _tap.Has(decoder.Feed, key));
        }
    }

    private sealed class RefusedKeys
    {
        private readonly Lock _gate = new();
        private readonly OrderedDictionary<(string TrId, string Key), KeyRefusal> _refusals = [];

        public void Add(KeyRefusal refusal)
        {
            lock (_gate)
                _refusals[(refusal.Feed.TrId, refusal.Key)] = refusal;
        }

        public void Remove(FeedSchema feed, string key)
        {
            lock (_gate)
                _refusals.Remove((feed.TrId, key));
        }

        public List<KeyRefusal> ToList()
        {
            lock (_gate)
                return [.. _refusals.Values];
        }
    }
}
