namespace KisFeed.Server;

/// <summary>What one WebSocket connection may use.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>The limits where nothing else is said.</summary>
    public static ConnectionLimits Default { get; } = new();

    /// <summary>Bytes queued for a client at which it counts as slow. Default: 1 MiB.</summary>
    public int OutboundBytes { get; init; } = 1 << 20;

    /// <summary>The longest message of a client that is read. Default: 64 KiB.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    /// <summary>Control frames, fragments and the time of messages.</summary>
    public FrameLimits Frames { get; init; } = FrameLimits.Default;

    /// <summary>Whether TCP ends connections whose peer takes nothing for <see cref="DeadPeerDetection.Limit"/>. Default: no.</summary>
    public bool DetectsDeadPeers { get; init; }
}
