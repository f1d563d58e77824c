using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Measures;

/// <summary>What has come and gone up to a moment, or between two.</summary>
internal sealed record Flow
{
    /// <summary>Data frames that the simulator has sent.</summary>
    public required long FramesSent { get; init; }

    /// <summary>Messages that arrived, of any kind.</summary>
    public required long Messages { get; init; }

    /// <summary>Bytes that arrived.</summary>
    public required long Bytes { get; init; }

    /// <summary>Frames put into queues: one that concerns several subscriptions counts for each.</summary>
    public required long FramesQueued { get; init; }

    /// <summary>Frames that queues dropped.</summary>
    public required long FramesDropped { get; init; }

    /// <summary>Of these, those of the slow consumer.</summary>
    public required long SlowDropped { get; init; }

    public required long Connections { get; init; }

    public required long HandlerErrors { get; init; }

    public required Tally Tally { get; init; }

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
        Tally = a.Tally - b.Tally,
    };
}

/// <summary>
/// The system's clock, which counts how often it is asked for the time of day: the client asks once for each message that arrives, and next to
/// never otherwise.
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
