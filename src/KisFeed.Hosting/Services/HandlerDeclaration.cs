using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Hosting.Services;

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
