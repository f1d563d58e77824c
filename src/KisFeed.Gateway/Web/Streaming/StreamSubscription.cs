using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>One key of one stream.</summary>
/// <param name="consumer">The stream.</param>
/// <param name="target">The key.</param>
internal sealed class StreamSubscription(StreamConsumer consumer, StreamTarget target)
{
    private int _isFreed;

    public StreamConsumer Consumer => consumer;

    public StreamTarget Target => target;

    public FeedSchema Feed => target.Feed;

    public string Key => target.Key;

    /// <summary>What the hub gave for it. Set once.</summary>
    public Lease? Lease { get; set; }

    /// <summary>Where its items come by; <see langword="null"/> while none do. Under the lock of the <see cref="StreamDispatcher"/>.</summary>
    public KeyChannel? Channel { get; set; }

    /// <summary>Where it is in the list of its channel. Under the lock of the <see cref="StreamDispatcher"/>.</summary>
    public int Place { get; set; }

    /// <summary>Why upstream took it back, if it did. Under the lock of the <see cref="StreamDispatcher"/>.</summary>
    public BrokerCode? EndedBy { get; set; }

    /// <summary>What the stream did not get of it since the last item that it got. Under the lock of the <see cref="StreamQueue"/>.</summary>
    public StreamLoss Loss { get; } = new();

    /// <summary>Whether its places, upstream's and the account's, are still to be given back: <see langword="true"/> once.</summary>
    public bool TryFree() => Interlocked.Exchange(ref _isFreed, 1) == 0;
}
