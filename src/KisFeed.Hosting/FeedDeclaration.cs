using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Hosting;

/// <summary>A feed with its keys, to be subscribed to when the host starts.</summary>
internal abstract class FeedDeclaration(Func<KisFeedOptions, IReadOnlyList<string>> keys)
{
    /// <summary>The keys; each becomes a subscription.</summary>
    /// <exception cref="KisFeedConfigurationException">The options do not contain the keys.</exception>
    public IReadOnlyList<string> KeysOf(KisFeedOptions options) => keys(options);

    /// <summary>Resolves the services that it needs; a missing one fails the host's start.</summary>
    public abstract FeedBinding Bind(IServiceProvider services);
}

/// <summary>A feed with a handler that the container creates.</summary>
internal sealed class HandlerDeclaration<TRecord, THandler>(Feed<TRecord> feed, Func<KisFeedOptions, IReadOnlyList<string>> keys) : FeedDeclaration(keys)
    where TRecord : struct, IFeedRecord<TRecord>
    where THandler : class, IFeedHandler<TRecord>
{
    public override FeedBinding Bind(IServiceProvider services)
    {
        var handler = services.GetRequiredService<THandler>();
        return new RecordBinding<TRecord>(feed, handler.OnRecord, handler.OnEvent);
    }
}

/// <summary>A feed with callbacks of the program.</summary>
internal sealed class DelegateDeclaration<TRecord>(
    Feed<TRecord> feed,
    Func<KisFeedOptions, IReadOnlyList<string>> keys,
    RecordHandler<TRecord> onRecord,
    Action<FeedEvent>? onEvent) : FeedDeclaration(keys)
    where TRecord : struct, IFeedRecord<TRecord>
{
    public override FeedBinding Bind(IServiceProvider services) => new RecordBinding<TRecord>(feed, onRecord, onEvent);
}

/// <summary>A feed together with the receiver of its records.</summary>
internal abstract class FeedBinding
{
    /// <summary>The feed's TR ID on the production service.</summary>
    public abstract string TrId { get; }

    /// <summary>Whether its keys are HTS IDs, which must not be logged.</summary>
    public abstract bool IsNotice { get; }

    /// <summary>Subscribes to a key; the inner task completes when no more records follow.</summary>
    public abstract Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken);
}

/// <summary>A feed whose records and events are passed to callbacks.</summary>
internal sealed class RecordBinding<TRecord>(Feed<TRecord> feed, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent) : FeedBinding
    where TRecord : struct, IFeedRecord<TRecord>
{
    public override string TrId => feed.TrId;

    public override bool IsNotice => feed.Schema.IsNotice;

    public override async Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken)
    {
        var subscription = await client.SubscribeAsync(feed, key, onRecord, onEvent ?? unhandled, cancellationToken).ConfigureAwait(false);
        return subscription.Completion;
    }
}
