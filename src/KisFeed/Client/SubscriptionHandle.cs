using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>A subscription's hold on a registration.</summary>
internal sealed class SubscriptionHandle(ISubscriptionOwner owner, Registration registration, IFrameReceiver receiver, int priority = 0)
    : ISubscriptionSource
{
    public Registration Registration { get; } = registration;

    public IFrameReceiver Receiver { get; } = receiver;

    public int Priority => priority;

    public FeedSchema Feed => Registration.Feed;

    public string Key => Registration.Key;

    /// <summary>Completes when the server holds the registration, or it is evicted; fails when the server never will hold it.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Whether it receives frames. Not before it is confirmed: frames that the server still sends for an earlier
    /// registration of the same key end up in a gap.
    /// </summary>
    public bool IsReceiving => Confirmed.Task.IsCompletedSuccessfully;

    public bool IsDetached { get; set; }

    public void Evict(DateTimeOffset at)
    {
        Receiver.Evict(at);
        Confirmed.TrySetResult();
    }

    public Task EndAsync(CancellationToken cancellationToken) => owner.DetachAsync(this, cancellationToken);
}

/// <summary>What made a <see cref="SubscriptionHandle"/>.</summary>
internal interface ISubscriptionOwner
{
    /// <summary>Detaches from a registration. Returns once it is released, if nobody else uses it.</summary>
    Task DetachAsync(SubscriptionHandle handle, CancellationToken cancellationToken);
}
