using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Hosting;

/// <summary>A feed with its keys, to be subscribed to when the host starts.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Keys">
/// Returns the keys; each becomes a subscription. Throws <see cref="KisFeedConfigurationException"/> if the options do not contain them.
/// </param>
/// <param name="Bind">Resolves the services that the feed needs; a missing one fails the host's start.</param>
internal sealed record FeedDeclaration(
    FeedSchema Feed, Func<KisFeedOptions, IReadOnlyList<string>> Keys, Func<IServiceProvider, KeySubscriber> Bind)
{
    /// <summary>Declares a feed whose records and events are passed to callbacks. Events that have no callback go to the host's.</summary>
    public static FeedDeclaration Of<TRecord>(
        Feed<TRecord> feed,
        Func<KisFeedOptions, IReadOnlyList<string>> keys,
        Func<IServiceProvider, (RecordHandler<TRecord> OnRecord, Action<FeedEvent>? OnEvent)> receiver)
        where TRecord : struct, IFeedRecord<TRecord> => new(feed.Schema, keys, services =>
        {
            var (onRecord, onEvent) = receiver(services);
            return async (client, key, unhandled, cancellationToken) =>
                (await client.SubscribeAsync(
                    feed, key, onRecord, onEvent ?? unhandled, cancellationToken: cancellationToken).ConfigureAwait(false)).Completion;
        });
}

/// <summary>Subscribes to a key of a feed; the inner task completes when no more records follow.</summary>
internal delegate Task<Task> KeySubscriber(
    IKisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken);
