using KisFeed.Capture;

namespace KisFeed.Gateway;

/// <summary>What a gateway is doing, at one moment. Holds nothing secret.</summary>
public sealed record GatewayStatus
{
    /// <summary>How the session of each app key upstream is doing.</summary>
    public required IReadOnlyList<SessionStatus> Upstream { get; init; }

    /// <summary>What is registered upstream, each key once however many want it.</summary>
    public required IReadOnlyList<GatewayRegistration> Registrations { get; init; }

    /// <summary>How recording is getting on; <see langword="null"/> where nothing is recorded.</summary>
    public CaptureRecorderStatus? Recording { get; init; }

    /// <summary>Consumers' connections in the broker's protocol that are open; <see cref="Streams"/> has the others.</summary>
    public required int Connections { get; init; }

    /// <summary>Registrations of consumers that stand, over all connections.</summary>
    public required int ConsumerRegistrations { get; init; }

    /// <summary>Frames received from upstream, each once.</summary>
    public required long FramesReceived { get; init; }

    /// <summary>Frames lost inside the gateway because it did not keep up with upstream.</summary>
    public required long FramesDropped { get; init; }

    /// <summary>
    /// Frames from upstream that could not be read. They are passed on as they are to who is registered for their feed, except order notices, and those of <see cref="FramesUnclaimed"/>.
    /// </summary>
    public required long FramesMalformed { get; init; }

    /// <summary>
    /// Of those, frames whose feed could not be told, and so not whom they concern: in the broker's protocol they are passed on to nobody. They are recorded, and streams are told of them.
    /// </summary>
    public required long FramesUnclaimed { get; init; }

    /// <summary>Frames queued for consumers, over all connections.</summary>
    public required long FramesSent { get; init; }

    /// <summary>Order notices that nobody received, because they could not be read. Each HTS ID that they may have been for got a gap.</summary>
    public required long NoticesWithheld { get; init; }

    /// <summary>Connections closed because their clients did not keep up.</summary>
    public required long SlowConsumers { get; init; }

    /// <summary>Connections closed because upstream refused late, or took back, what they were registered for.</summary>
    public required long RegistrationsLost { get; init; }

    /// <summary>Connections closed because their clients went on sending more requests than a consumer may.</summary>
    public required long Floods { get; init; }

    /// <summary>Connections closed because their consumers were removed, or may no longer have what they were registered for.</summary>
    public required long ConsumersEnded { get; init; }

    /// <summary>Consumers' connections in the broker's protocol so far.</summary>
    public required long ConnectionsAccepted { get; init; }

    /// <summary>Approval keys issued to consumers so far.</summary>
    public required long ApprovalKeysIssued { get; init; }

    /// <summary>Streams of plain HTTP that are open.</summary>
    public required int Streams { get; init; }

    /// <summary>Streams of plain HTTP so far.</summary>
    public required long StreamsOpened { get; init; }

    /// <summary>Records and events handed to streams, over all of them.</summary>
    public required long StreamItemsSent { get; init; }

    /// <summary>Records that streams did not get because they were not read fast enough. Each stream was told of its own, as gaps.</summary>
    public required long StreamRecordsDropped { get; init; }

    /// <summary>Streams ended because they were not read fast enough and had asked for that.</summary>
    public required long SlowStreams { get; init; }

    /// <summary>Keys of streams that upstream refused late, or took back.</summary>
    public required long StreamKeysLost { get; init; }

    /// <summary>Streams that went on where an earlier one had ended, with nothing missing.</summary>
    public required long StreamsResumed { get; init; }

    /// <summary>Streams that were to go on where an earlier one had ended, and could only with a gap.</summary>
    public required long StreamsResumedWithGaps { get; init; }
}

/// <summary>A key that is registered upstream, or is to be, at one moment.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed; <see langword="null"/> for order notices, where it is an HTS ID.</param>
/// <param name="Consumers">How many registrations of consumers it stands for; none while it is kept for who may come back.</param>
/// <param name="IsRegistered">Whether upstream has acknowledged it on a connection that stands.</param>
/// <param name="IsKept">Whether it is among <see cref="GatewayOptions.Keep"/>, and stays whoever wants it.</param>
public sealed record GatewayRegistration(string TrId, string? Key, int Consumers, bool IsRegistered, bool IsKept = false);
