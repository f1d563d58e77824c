using System.Diagnostics.CodeAnalysis;
using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KisFeed.Hosting;

/// <summary>
/// Declares the subscriptions that are made when the host starts. The host does not wait for them: each is confirmed as soon as a session
/// is connected. A refused subscription is logged with the broker's code; the others continue.
/// </summary>
public sealed class KisFeedBuilder
{
    private readonly HostedFeeds _feeds;

    internal KisFeedBuilder(IServiceCollection services, HostedFeeds feeds) => (Services, _feeds) = (services, feeds);

    /// <summary>The container's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// The name of the client, by which its options are named and its services keyed; empty for the unnamed client, whose services have no
    /// key.
    /// </summary>
    public string Name => _feeds.Name;

    /// <summary>What the program declares for the client.</summary>
    internal HostedFeeds Feeds => _feeds;

    /// <summary>Subscribes to a key of a feed, with a callback.</summary>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onRecord">Called with each record: one call at a time, in order. If it throws, the exception is logged,
    /// and the next record follows.</param>
    /// <param name="onEvent">Called with each gap, interruption and malformed frame, in order with the
    /// records. Default: gaps are logged.</param>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public KisFeedBuilder AddSubscription<TRecord>(
        Feed<TRecord> feed, string key, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent = null)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(onRecord);
        _feeds.Declarations.Add(FeedDeclaration.Of(feed, _ => [key], _ => (onRecord, onEvent)));
        return this;
    }

    /// <summary>Subscribes to the order notices of futures and options of every configured HTS ID, with a callback.</summary>
    /// <param name="onRecord">Called with each notice: one call at a time for each HTS ID, in order. If it throws, the exception is logged,
    /// and the next notice follows.</param>
    /// <param name="onEvent">Called with each gap, interruption and malformed frame, in order with the
    /// notices. Default: gaps are logged.</param>
    public KisFeedBuilder AddOrderNotices(RecordHandler<OrderNotice> onRecord, Action<FeedEvent>? onEvent = null) =>
        AddOrderNotices(OrderNotice.Feed, onRecord, onEvent);

    /// <summary>Subscribes to a feed of order notices, with every configured HTS ID and a callback.</summary>
    /// <param name="feed">The feed, e.g. <see cref="StockOrderNotice.Feed"/>.</param>
    /// <param name="onRecord">Called with each notice: one call at a time for each HTS ID, in order. If it throws, the exception is logged,
    /// and the next notice follows.</param>
    /// <param name="onEvent">Called with each gap, interruption and malformed frame, in order with the
    /// notices. Default: gaps are logged.</param>
    /// <exception cref="ArgumentException">The feed is not one of order notices.</exception>
    public KisFeedBuilder AddOrderNotices<TRecord>(Feed<TRecord> feed, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent = null)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        RequireNotices(feed);
        ArgumentNullException.ThrowIfNull(onRecord);
        _feeds.Declarations.Add(FeedDeclaration.Of(feed, HtsIds.Of, _ => (onRecord, onEvent)));
        return this;
    }

    /// <summary>
    /// Subscribes to keys of a feed, with a handler that the container creates: one instance, unless it was
    /// registered with another lifetime before.
    /// </summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <typeparam name="THandler">The handler. It cannot be scoped: it lives as long as the host.</typeparam>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="keys">The keys within the feed, at least one.</param>
    /// <exception cref="ArgumentException">There is no key, or a key is empty.</exception>
    public KisFeedBuilder AddHandler<TRecord, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Feed<TRecord> feed, params string[] keys)
        where TRecord : struct, IFeedRecord<TRecord>
        where THandler : class, IFeedHandler<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Length == 0)
        {
            throw new ArgumentException(
                $"{feed} needs at least one key: {feed.Schema.KeyMeaning}, e.g. {feed.Schema.KeyExample}", nameof(keys));
        }
        foreach (var key in keys)
            ArgumentException.ThrowIfNullOrWhiteSpace(key, nameof(keys));

        string[] copy = [.. keys];
        return AddHandler<TRecord, THandler>(feed, _ => copy);
    }

    /// <summary>
    /// Subscribes to the order notices of futures and options of every configured HTS ID, with a handler that the container creates.
    /// </summary>
    /// <typeparam name="THandler">The handler. It cannot be scoped: it lives as long as the host.</typeparam>
    public KisFeedBuilder AddOrderNotices<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IFeedHandler<OrderNotice> => AddHandler<OrderNotice, THandler>(OrderNotice.Feed, HtsIds.Of);

    /// <summary>Subscribes to a feed of order notices, with every configured HTS ID and a handler that the container creates.</summary>
    /// <typeparam name="TRecord">The feed's record type.</typeparam>
    /// <typeparam name="THandler">The handler. It cannot be scoped: it lives as long as the host.</typeparam>
    /// <param name="feed">The feed, e.g. <see cref="StockOrderNotice.Feed"/>.</param>
    /// <exception cref="ArgumentException">The feed is not one of order notices.</exception>
    public KisFeedBuilder AddOrderNotices<
        TRecord, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(Feed<TRecord> feed)
        where TRecord : struct, IFeedRecord<TRecord>
        where THandler : class, IFeedHandler<TRecord>
    {
        RequireNotices(feed);
        return AddHandler<TRecord, THandler>(feed, HtsIds.Of);
    }

    /// <summary>Changes when the host stops.</summary>
    public KisFeedBuilder ConfigureHost(Func<KisFeedHostingOptions, KisFeedHostingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _feeds.Hosting = configure(_feeds.Hosting);
        return this;
    }

    private static void RequireNotices<TRecord>(Feed<TRecord> feed)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (!feed.Schema.IsNotice)
        {
            throw new ArgumentException(
                $"{feed} is not a feed of order notices; use {nameof(AddSubscription)} or {nameof(AddHandler)}, which take its keys",
                nameof(feed));
        }
    }

    private KisFeedBuilder AddHandler<TRecord, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Feed<TRecord> feed,
        Func<KisFeedOptions, IReadOnlyList<string>> keys)
        where TRecord : struct, IFeedRecord<TRecord>
        where THandler : class, IFeedHandler<TRecord>
    {
        Services.TryAddSingleton<THandler>();
        _feeds.Declarations.Add(FeedDeclaration.Of(feed, keys, services =>
        {
            var handler = services.GetRequiredService<THandler>();
            return (handler.OnRecord, handler.OnEvent);
        }));
        return this;
    }
}

/// <summary>
/// Handles the records of a feed: one call at a time for each key, in order. One instance serves all keys it is added for, and calls for
/// different keys can run concurrently. If it throws, the exception is logged and counted, and the next record follows.
/// </summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public interface IFeedHandler<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    /// <summary>Called with each record. The record is valid only during the call; copy it to keep it.</summary>
    void OnRecord(in TRecord record);

    /// <summary>
    /// Called with each gap, interruption and malformed frame, in order with the records. Data may be missing at this point.
    /// </summary>
    void OnEvent(FeedEvent feedEvent);
}
