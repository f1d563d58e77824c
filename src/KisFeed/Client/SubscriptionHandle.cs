using KisFeed.Session;

namespace KisFeed;

/// <summary>One subscription's hold on a registration.</summary>
internal sealed class SubscriptionHandle(Registration registration, IFrameReceiver receiver)
{
    public Registration Registration { get; } = registration;

    /// <summary>Where what happens to the registration goes.</summary>
    public IFrameReceiver Receiver { get; } = receiver;

    /// <summary>Done when the server holds the registration; failed when it never will.</summary>
    public TaskCompletionSource Confirmed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the registration is gone.</summary>
    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Whether it gets frames. Not before it is confirmed: what the server still sends of an earlier registration of the same key ends in a gap.
    /// </summary>
    public bool IsReceiving => Confirmed.Task.IsCompletedSuccessfully;

    public bool IsDetached { get; set; }
}
