namespace KisFeed.Server.Http;

/// <summary>The limits of a server for connections and requests, before clients are authenticated.</summary>
internal sealed record ServerLimits
{
    public const int DefaultMaxConnections = 4_000;

    /// <summary>Connections beyond <see cref="MaxConnections"/> that may be open while they are being aborted.</summary>
    public const int ConnectionsBeingClosed = 64;

    /// <summary>
    /// The maximum number of concurrent connections; more are aborted. Never more than <see cref="DescriptorLimit.Clamp"/> allows.
    /// </summary>
    public int MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>The maximum number of concurrent connections from one address other than this machine's own; more are aborted.</summary>
    public int MaxConnectionsPerAddress { get; init; } = int.MaxValue;

    /// <summary>
    /// The share of connections that unauthenticated clients may use; one more aborts the oldest. Default: <see langword="null"/>, for
    /// servers without authentication, which refuse connections at the maximum.
    /// </summary>
    public double? MaxUnauthenticatedShare { get; init; }

    /// <summary>The proxies whose connections carry many clients. Default: none.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>Whether these proxies use the PROXY protocol. Default: no.</summary>
    public bool UsesProxyProtocol { get; init; }

    /// <summary>
    /// The time limit for the first byte of a connection, for the headers of a request that has begun, for its body, and for the client to
    /// read a response (<see cref="ResponseRate.Free">unless it is exempt</see>). Must be longer than one second.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be idle between requests.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called for each connection that is aborted because it sent nothing.</summary>
    public Action? OnSilence { get; init; }

    /// <summary>Called for each connection that is refused or aborted because of a limit.</summary>
    public Action? OnConnectionRefused { get; init; }

    /// <summary>Called with the status of each request that Kestrel rejected: it was too slow, too long or not valid HTTP.</summary>
    public Action<int>? OnBadRequest { get; init; }

    /// <summary>Called for each connection that was aborted because a response was not read.</summary>
    public Action? OnUnreadResponse { get; init; }
}

/// <summary>The limits of one WebSocket connection.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>The client counts as slow when this many bytes are queued for it. Default: 1 MiB.</summary>
    public int OutboundBytes { get; init; } = 1 << 20;

    /// <summary>The longest message that a client may send, in bytes. Default: 64 KiB.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    public FrameLimits Frames { get; init; } = new();

    /// <summary>
    /// Whether TCP ends connections whose peer acknowledges nothing for <see cref="DeadPeerDetection.Limit"/>. Default: no.
    /// </summary>
    public bool DetectsDeadPeers { get; init; }
}
