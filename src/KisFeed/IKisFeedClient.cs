using System.Runtime.CompilerServices;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// What a program that consumes feeds needs of a client. A <see cref="KisFeedClient"/> implements it, and so does the in-memory client of
/// <c>KisFeed.Testing</c>, so that a strategy can be tested without a socket.
/// </summary>
public interface IKisFeedClient : IFrameSource
{
    /// <inheritdoc cref="KisFeedClient.SubscribeAsync{TRecord}(Feed{TRecord}, string, SubscribeOptions, CancellationToken)"/>
    [OverloadResolutionPriority(1)] // new() { From = … } is not a callback.
    Task<Subscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>;

    /// <inheritdoc cref="KisFeedClient.SubscribeAsync{TRecord}(Feed{TRecord}, string, RecordHandler{TRecord}, Action{FeedEvent},
    /// SubscribeOptions, CancellationToken)"/>
    Task<CallbackSubscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed,
        string key,
        RecordHandler<TRecord> onRecord,
        Action<FeedEvent>? onEvent = null,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>;

    /// <inheritdoc cref="KisFeedClient.SubscribeAsync{TRecord}(Feed{TRecord}, string, Func{TRecord, CancellationToken, ValueTask},
    /// Func{FeedEvent, CancellationToken, ValueTask}, SubscribeOptions, CancellationToken)"/>
    Task<CallbackSubscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed,
        string key,
        Func<TRecord, CancellationToken, ValueTask> onRecord,
        Func<FeedEvent, CancellationToken, ValueTask>? onEvent = null,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>;

    /// <inheritdoc cref="KisFeedClient.SubscribeAsync(FeedSchema, string, SubscribeOptions, CancellationToken)"/>
    Task<FrameSubscription> SubscribeAsync(
        FeedSchema feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default);
}
