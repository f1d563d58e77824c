namespace KisFeed.Gateway;

/// <summary>Counts of a gateway, over all connections.</summary>
public sealed record GatewayTotals
{
    /// <summary>Open connections of consumers in the broker's protocol; <see cref="Streams"/> counts the others.</summary>
    public required int Connections { get; init; }

    /// <summary>Current registrations of consumers, over all connections.</summary>
    public required int ConsumerRegistrations { get; init; }

    /// <summary>Frames received from upstream, each once.</summary>
    public required long FramesReceived { get; init; }

    /// <summary>Frames lost inside the gateway because it did not keep up with upstream.</summary>
    public required long FramesDropped { get; init; }

    /// <summary>
    /// Frames from upstream that could not be read. They are delivered unchanged to consumers of their feed, except order notices and
    /// those of <see cref="FramesUnclaimed"/>.
    /// </summary>
    public required long FramesMalformed { get; init; }

    /// <summary>
    /// Of those, frames whose feed could not be determined. They are not delivered in the broker's protocol. They are
    /// recorded, and streams are notified of them.
    /// </summary>
    public required long FramesUnclaimed { get; init; }

    /// <summary>Frames queued for consumers, over all connections.</summary>
    public required long FramesSent { get; init; }

    /// <summary>
    /// Order notices that were not delivered, because they could not be read. Each HTS ID that they may belong to got a gap.
    /// </summary>
    public required long NoticesWithheld { get; init; }

    /// <summary>Connections closed because their clients did not keep up.</summary>
    public required long SlowConsumers { get; init; }

    /// <summary>Connections closed because upstream refused late, or ended, one of their registrations.</summary>
    public required long RegistrationsLost { get; init; }

    /// <summary>Connections closed because their clients kept exceeding the request limit.</summary>
    public required long Floods { get; init; }

    /// <summary>Connections closed because their consumers were removed or lost rights.</summary>
    public required long ConsumersEnded { get; init; }

    /// <summary>Consumers' connections in the broker's protocol so far.</summary>
    public required long ConnectionsAccepted { get; init; }

    /// <summary>Approval keys issued to consumers so far.</summary>
    public required long ApprovalKeysIssued { get; init; }

    /// <summary>Open HTTP streams.</summary>
    public required int Streams { get; init; }

    /// <summary>HTTP streams so far.</summary>
    public required long StreamsOpened { get; init; }

    /// <summary>Records and events queued for streams, over all of them.</summary>
    public required long StreamItemsSent { get; init; }

    /// <summary>Records that streams did not get because they were not read fast enough. Each stream got gaps for its own.</summary>
    public required long StreamRecordsDropped { get; init; }

    /// <summary>Streams that were ended, as they had requested, because they were not read fast enough.</summary>
    public required long SlowStreams { get; init; }

    /// <summary>Keys of streams that upstream refused late, or ended.</summary>
    public required long StreamKeysLost { get; init; }

    /// <summary>Streams that resumed an earlier one without a gap.</summary>
    public required long StreamsResumed { get; init; }

    /// <summary>Streams that resumed an earlier one with a gap.</summary>
    public required long StreamsResumedWithGaps { get; init; }
}
