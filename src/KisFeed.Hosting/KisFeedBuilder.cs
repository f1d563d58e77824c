using System.Diagnostics.CodeAnalysis;
using KisFeed.Feeds;
using KisFeed.Hosting.Services;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KisFeed.Hosting;

/// <summary>
/// Declares what is subscribed to when the host starts. The host does not wait for it: a subscription is confirmed as soon as there is a session.
/// One that is refused is logged with the broker's code, and the others go on.
/// </summary>
public sealed class KisFeedBuilder
{
    private readonly HostedFeeds _feeds;

    internal KisFeedBuilder(IServiceCollection services, HostedFeeds feeds) => (Services, _feeds) = (services, feeds);

    /// <summary>The container's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Subscribes to a key of a feed.</summary>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onRecord">Called with each record: one call at a time, in order. What it throws is logged, and the next record follows.</param>
    /// <param name="onEvent">Called with each gap and malformed frame, in order with the records. Default: gaps are logged.</param>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public KisFeedBuilder AddSubscription<TRecord>(Feed<TRecord> feed, string key, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent = null)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(onRecord);
        _feeds.Declarations.Add(new DelegateDeclaration<TRecord>(feed, _ => [key], onRecord, onEvent));
        return this;
    }

    /// <summary>Subscribes to order notices of every HTS ID that is configured.</summary>
    /// <param name="onRecord">Called with each notice: one call at a time for each HTS ID, in order. What it throws is logged, and the next follows.</param>
    /// <param name="onEvent">Called with each gap and malformed frame, in order with the notices. Default: gaps are logged.</param>
    public KisFeedBuilder AddOrderNotices(RecordHandler<OrderNotice> onRecord, Action<FeedEvent>? onEvent = null)
    {
        ArgumentNullException.ThrowIfNull(onRecord);
        _feeds.Declarations.Add(new DelegateDeclaration<OrderNotice>(OrderNotice.Feed, HtsIds.Of, onRecord, onEvent));
        return this;
    }

    /// <summary>Subscribes to keys of a feed, for a handler that the container makes: one instance, unless it was registered otherwise before.</summary>
    /// <typeparam name="TRecord">The type of the feed's records.</typeparam>
    /// <typeparam name="THandler">The handler. Not scoped: it lives as long as the host.</typeparam>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="keys">The keys within the feed, at least one.</param>
    /// <exception cref="ArgumentException">There is no key, or an empty one.</exception>
    public KisFeedBuilder AddHandler<TRecord, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(Feed<TRecord> feed, params string[] keys)
        where TRecord : struct, IFeedRecord<TRecord>
        where THandler : class, IFeedHandler<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Length == 0)
            throw new ArgumentException($"{feed} needs at least one key: {feed.Schema.KeyMeaning}, e.g. {feed.Schema.KeyExample}", nameof(keys));
        foreach (var key in keys)
            ArgumentException.ThrowIfNullOrWhiteSpace(key, nameof(keys));

        string[] copy = [.. keys];
        return AddHandler<TRecord, THandler>(feed, _ => copy);
    }

    /// <summary>Subscribes to order notices of every HTS ID that is configured, for a handler that the container makes.</summary>
    /// <typeparam name="THandler">The handler. Not scoped: it lives as long as the host.</typeparam>
    public KisFeedBuilder AddOrderNotices<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IFeedHandler<OrderNotice> => AddHandler<OrderNotice, THandler>(OrderNotice.Feed, HtsIds.Of);

    /// <summary>Changes what the host does when there are no data any more.</summary>
    public KisFeedBuilder ConfigureHost(Func<KisFeedHostingOptions, KisFeedHostingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _feeds.Hosting = configure(_feeds.Hosting);
        return this;
    }

    private KisFeedBuilder AddHandler<TRecord, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Feed<TRecord> feed,
        Func<KisFeedOptions, IReadOnlyList<string>> keys)
        where TRecord : struct, IFeedRecord<TRecord>
        where THandler : class, IFeedHandler<TRecord>
    {
        Services.TryAddSingleton<THandler>();
        _feeds.Declarations.Add(new HandlerDeclaration<TRecord, THandler>(feed, keys));
        return this;
    }
}

/// <summary>
/// Takes what a feed brings: one call at a time for each key, in order. There is one instance for all keys it is added for, and calls for
/// different keys may come at once. What it throws is logged and counted, and the next record follows.
/// </summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public interface IFeedHandler<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    /// <summary>Called with each record. It is valid during the call; copy it to keep it.</summary>
    void OnRecord(in TRecord record);

    /// <summary>Called with each gap and malformed frame, in order with the records: here data may be missing.</summary>
    void OnEvent(FeedEvent happened);
}
