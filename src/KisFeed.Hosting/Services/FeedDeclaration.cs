using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Hosting.Services;

/// <summary>A feed that is subscribed to when the host starts.</summary>
internal abstract class FeedDeclaration(Func<KisFeedOptions, IReadOnlyList<string>> keys)
{
    /// <summary>The keys, each of which is a subscription.</summary>
    /// <exception cref="KisFeedConfigurationException">The options lack them.</exception>
    public IReadOnlyList<string> KeysOf(KisFeedOptions options) => keys(options);

    /// <summary>Whatever it needs of the container; what it lacks ends the host's start.</summary>
    public abstract FeedBinding Bind(IServiceProvider services);
}

/// <summary>A feed for a handler that the container makes.</summary>
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

/// <summary>A feed for callbacks that the program gave.</summary>
internal sealed class DelegateDeclaration<TRecord>(
    Feed<TRecord> feed,
    Func<KisFeedOptions, IReadOnlyList<string>> keys,
    RecordHandler<TRecord> onRecord,
    Action<FeedEvent>? onEvent) : FeedDeclaration(keys)
    where TRecord : struct, IFeedRecord<TRecord>
{
    public override FeedBinding Bind(IServiceProvider services) => new RecordBinding<TRecord>(feed, onRecord, onEvent);
}

/// <summary>A feed together with who takes its records.</summary>
internal abstract class FeedBinding
{
    /// <summary>The feed's TR ID on the production service.</summary>
    public abstract string TrId { get; }

    /// <summary>Whether its keys are HTS IDs, which are not to be logged.</summary>
    public abstract bool IsNotice { get; }

    /// <summary>Subscribes to a key; the task of the task ends when no more records come.</summary>
    public abstract Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken);
}

/// <summary>A feed whose records and events go to callbacks.</summary>
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
