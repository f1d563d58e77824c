using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Measures;

/// <summary>Counts of sent, received and delivered data up to a time, or between two times.</summary>
internal sealed record Flow
{
    /// <summary>Data frames sent by the simulator.</summary>
    public required long FramesSent { get; init; }

    /// <summary>Received messages of any kind.</summary>
    public required long Messages { get; init; }

    /// <summary>Received bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Queued frames; a frame for several subscriptions counts for each.</summary>
    public required long FramesQueued { get; init; }

    /// <summary>Frames dropped by queues.</summary>
    public required long FramesDropped { get; init; }

    /// <summary>Frames dropped by the slow consumer's queue.</summary>
    public required long SlowDropped { get; init; }

    public required long Connections { get; init; }

    public required long HandlerErrors { get; init; }

    public required DeliveryStats DeliveryStats { get; init; }

    public static Flow operator -(Flow a, Flow b) => new()
    {
        FramesSent = a.FramesSent - b.FramesSent,
        Messages = a.Messages - b.Messages,
        Bytes = a.Bytes - b.Bytes,
        FramesQueued = a.FramesQueued - b.FramesQueued,
        FramesDropped = a.FramesDropped - b.FramesDropped,
        SlowDropped = a.SlowDropped - b.SlowDropped,
        Connections = a.Connections - b.Connections,
        HandlerErrors = a.HandlerErrors - b.HandlerErrors,
        DeliveryStats = a.DeliveryStats - b.DeliveryStats,
    };
}

/// <summary>
/// The system's clock, which counts calls of <see cref="GetUtcNow"/>: the client makes one for each
/// received message, and hardly any others.
/// </summary>
internal sealed class MessageClock : TimeProvider
{
    private long _messages;

    public long Messages => Interlocked.Read(ref _messages);

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _messages);
        return base.GetUtcNow();
    }
}
