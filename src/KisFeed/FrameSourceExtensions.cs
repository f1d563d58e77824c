using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>Subscriptions to several keys or feeds, of any source.</summary>
public static class FrameSourceExtensions
{
    /// <summary>
    /// Opens one consumer of any number of feeds and keys, which gets typed records in the order of receipt. Add keys with
    /// <see cref="RecordTap.AddAsync{TRecord}(Feed{TRecord}, IEnumerable{string}, SubscribeOptions, CancellationToken)"/>.
    /// </summary>
    /// <param name="source">The client.</param>
    /// <param name="options">The limits of its queue. Default: those of <see cref="FrameTapOptions"/>.</param>
    /// <exception cref="KisFeedConfigurationException">An option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public static RecordTap OpenRecordTap(this IFrameSource source, FrameTapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new RecordTap(source.OpenTap(options));
    }

    /// <summary>
    /// Subscribes to keys of a feed and returns one subscription to read the records of all of them. Returns once the server has answered
    /// for each key; without a connection, this waits until one is established. A key that is refused does not affect the others: see
    /// <see cref="KeysSubscription{TRecord}.Refused"/>. Only if every key is refused, the error of the first is thrown.
    /// </summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <param name="source">The client.</param>
    /// <param name="feed">The feed, e.g. <see cref="StockTrade.Krx"/>.</param>
    /// <param name="keys">The keys within the feed, case-sensitive. More can be added later, also if there are none now.</param>
    /// <param name="options">The options of the registrations, such as their priority.</param>
    /// <param name="cancellationToken">Cancels the wait; no key is registered then.</param>
    /// <exception cref="KisFeedException">As for <see cref="RecordTap.AddAsync{TRecord}(Feed{TRecord}, IEnumerable{string},
    /// SubscribeOptions, CancellationToken)"/>.</exception>
    /// <exception cref="ArgumentException">A key is not valid.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public static async Task<KeysSubscription<TRecord>> SubscribeAsync<TRecord>(
        this IFrameSource source,
        Feed<TRecord> feed,
        IEnumerable<string> keys,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var tap = source.OpenRecordTap();
        try
        {
            await tap.AddAsync(feed, keys, options, cancellationToken).ConfigureAwait(false);
            return new KeysSubscription<TRecord>(tap, feed);
        }
        catch
        {
            await tap.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
