using KisFeed.Hosting.Services;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>A feed that brings nothing but a gap, to somebody who takes no events.</summary>
internal sealed class GappyFeed() : FeedDeclaration(_ => ["key"])
{
    public override FeedBinding Bind(IServiceProvider services) => new Binding();

    private sealed class Binding : FeedBinding
    {
        public override string TrId => "H0UPCNT0";

        public override bool IsNotice => false;

        public override Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken)
        {
            unhandled(new Gap { Reason = GapReason.QueueOverflow, Frames = 7 });
            return Task.FromResult(Task.CompletedTask);
        }
    }
}
