using System.Runtime.CompilerServices;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Streams that subscribe when they are enumerated, and end the subscription when the enumeration ends. To add keys, or to read counts such
/// as <see cref="FeedSubscription.Dropped"/>, hold the subscription itself: <c>SubscribeAsync</c> or
/// <see cref="FrameSourceExtensions.OpenRecordTap"/>. The errors are those of these methods, thrown by the enumeration.
/// </summary>
/// <example>
/// <code>
/// await foreach (var trade in client.ReadAsync(StockTrade.Krx, "005930"))
///     OnTrade(trade);
/// </code>
/// </example>
public static class FeedReadingExtensions
{
    /// <summary>Reads the records of a key, as <see cref="Subscription{TRecord}.ReadAllAsync"/> does.</summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="feed">The feed, e.g. <see cref="StockTrade.Krx"/>.</param>
    /// <param name="key">The key within the feed, case-sensitive.</param>
    /// <param name="options">The options of the subscription.</param>
    /// <param name="cancellationToken">Before the subscription is acknowledged, cancels it; then ends the stream.</param>
    /// <exception cref="KisFeedException">The subscription failed, or the session has ended and does not reconnect.</exception>
    public static IAsyncEnumerable<TRecord> ReadAsync<TRecord>(
        this IKisFeedClient client,
        Feed<TRecord> feed,
        string key,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord> =>
        client.ReadItemsAsync(feed, key, options, cancellationToken).Where(static item => item.IsRecord).Select(static item => item.Record);

    /// <summary>
    /// Reads the records of a key, with gaps, interruptions and malformed frames in order, as
    /// <see cref="Subscription{TRecord}.ReadItemsAsync"/> does.
    /// </summary>
    /// <inheritdoc cref="ReadAsync{TRecord}(IKisFeedClient, Feed{TRecord}, string, SubscribeOptions, CancellationToken)"/>
    public static async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync<TRecord>(
        this IKisFeedClient client,
        Feed<TRecord> feed,
        string key,
        SubscribeOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(client);
        var subscription = await client.SubscribeAsync(feed, key, options, cancellationToken).ConfigureAwait(false);
        await using var _ = subscription.ConfigureAwait(false);
        await foreach (var item in subscription.ReadItemsAsync(cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    /// <summary>
    /// Reads the records of several keys in the order of receipt, as <see cref="KeysSubscription{TRecord}.ReadAllAsync"/> does. A key that
    /// is refused does not affect the others.
    /// </summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <param name="source">The client.</param>
    /// <param name="feed">The feed, e.g. <see cref="StockTrade.Krx"/>.</param>
    /// <param name="keys">The keys within the feed, case-sensitive.</param>
    /// <param name="options">The options of the registrations, such as their priority.</param>
    /// <param name="cancellationToken">Before the keys are acknowledged, cancels them; then ends the stream.</param>
    /// <exception cref="KisFeedException">Every key was refused, or the session has ended and does not reconnect.</exception>
    public static IAsyncEnumerable<TRecord> ReadAsync<TRecord>(
        this IFrameSource source,
        Feed<TRecord> feed,
        IEnumerable<string> keys,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord> =>
        source.ReadItemsAsync(feed, keys, options, cancellationToken)
            .Where(static item => item.IsRecord)
            .Select(static item => item.Record);

    /// <summary>
    /// Reads the records of several keys in the order of receipt, each with its key, and the events of a tap, as
    /// <see cref="KeysSubscription{TRecord}.ReadItemsAsync"/> does.
    /// </summary>
    /// <inheritdoc cref="ReadAsync{TRecord}(IFrameSource, Feed{TRecord}, IEnumerable{string}, SubscribeOptions, CancellationToken)"/>
    public static async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync<TRecord>(
        this IFrameSource source,
        Feed<TRecord> feed,
        IEnumerable<string> keys,
        SubscribeOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var subscription = await source.SubscribeAsync(feed, keys, options, cancellationToken).ConfigureAwait(false);
        await using var _ = subscription.ConfigureAwait(false);
        await foreach (var item in subscription.ReadItemsAsync(cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    /// <summary>
    /// Reads the records of two feeds, such as trades and order books, in the order of receipt over both; for more feeds, or different
    /// keys of each, use a <see cref="RecordTap"/>. An item's record can be read until the next item is read.
    /// </summary>
    /// <typeparam name="TFirst">The record type of the first feed.</typeparam>
    /// <typeparam name="TSecond">The record type of the second feed.</typeparam>
    /// <param name="source">The client.</param>
    /// <param name="first">A feed, e.g. <see cref="StockTrade.Krx"/>.</param>
    /// <param name="second">Another feed, e.g. <see cref="StockOrderBook.Krx"/>.</param>
    /// <param name="keys">The keys within each feed, case-sensitive. A key that is refused does not affect the others.</param>
    /// <param name="options">The options of the registrations, such as their priority.</param>
    /// <param name="cancellationToken">Before the keys are acknowledged, cancels them; then ends the stream.</param>
    /// <exception cref="KisFeedException">Every key of a feed was refused, or the session has ended and does not reconnect.</exception>
    public static IAsyncEnumerable<RecordTapItem> ReadAsync<TFirst, TSecond>(
        this IFrameSource source,
        Feed<TFirst> first,
        Feed<TSecond> second,
        IEnumerable<string> keys,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TFirst : struct, IFeedRecord<TFirst>
        where TSecond : struct, IFeedRecord<TSecond> =>
        source.ReadItemsAsync(first, second, keys, options, cancellationToken).Where(static item => item.IsRecord);

    /// <summary>
    /// Reads the records of two feeds in the order of receipt over both, and the events of a tap, as <see cref="RecordTap.ReadAllAsync"/>
    /// does.
    /// </summary>
    /// <inheritdoc cref="ReadAsync{TFirst, TSecond}"/>
    public static async IAsyncEnumerable<RecordTapItem> ReadItemsAsync<TFirst, TSecond>(
        this IFrameSource source,
        Feed<TFirst> first,
        Feed<TSecond> second,
        IEnumerable<string> keys,
        SubscribeOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TFirst : struct, IFeedRecord<TFirst>
        where TSecond : struct, IFeedRecord<TSecond>
    {
        ArgumentNullException.ThrowIfNull(keys);
        string[] both = [.. keys];
        var tap = source.OpenRecordTap();
        await using var _ = tap.ConfigureAwait(false);
        await Task.WhenAll(
            tap.AddAsync(first, both, options, cancellationToken),
            tap.AddAsync(second, both, options, cancellationToken)).ConfigureAwait(false);
        await foreach (var item in tap.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return item;
    }
}
