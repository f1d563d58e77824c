using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>Somebody who subscribes once and takes everything until the subscription ends.</summary>
internal abstract class Consumer(Audit audit)
{
    public Audit Audit { get; } = audit;

    /// <summary>What it consumes, once it has subscribed.</summary>
    public abstract FeedSubscription Subscription { get; }

    /// <summary>Ends when everything has been taken; with an error where the subscription ended with one.</summary>
    public abstract Task Completion { get; }

    public abstract Task SubscribeAsync(KisFeedClient client);

    /// <summary>Takes what is left without any delay.</summary>
    public virtual void Hurry()
    {
    }

    /// <summary>Checks the whole, once everything has been taken.</summary>
    public virtual void Close()
    {
        Audit.Close();
        if (Audit.FramesMissed != Subscription.Dropped)
            Audit.Wrong($"{Subscription.Dropped} frames were dropped, gaps tell of {Audit.FramesMissed}");
    }
}
