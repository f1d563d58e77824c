namespace KisFeed.Server;

/// <summary>What a server takes of its clients before it knows who they are.</summary>
internal sealed record ServerLimits
{
    /// <summary>Connections at once where nothing else is said.</summary>
    public const int UsualConnections = 4_000;

    /// <summary>Connections beyond <see cref="MaxConnections"/> that may stand for the moment that it takes to break them off.</summary>
    public const int ConnectionsBeingClosed = 64;

    /// <summary>Connections at once; more are broken off. Never more than <see cref="DescriptorLimit.Clamp"/> leaves.</summary>
    public int MaxConnections { get; init; } = UsualConnections;

    /// <summary>Connections at once from one address other than this machine's own; more are broken off.</summary>
    public int MaxConnectionsPerAddress { get; init; } = int.MaxValue;

    /// <summary>
    /// The part of the connections that those may take whose clients have not shown who they are; one more breaks off the oldest. <see langword="null"/>, the default, where clients do not show that: connections are refused once there are as many as may be.
    /// </summary>
    public double? MaxUnknownShare { get; init; }

    /// <summary>Whose clients' connections come from one address. Default nobody.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>Whether they say by the PROXY protocol whose connection it is. Default no.</summary>
    public bool UsesProxyProtocol { get; init; }

    /// <summary>
    /// How long a connection may stand without its first byte, how long the headers of a request, once it has begun, and then its body may take, and how long an answer may wait to be read, <see cref="ResponseRate.Free">unless it is freed of that</see>; more than a second.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may stand without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each connection on which nothing came.</summary>
    public Action? OnSilence { get; init; }

    /// <summary>Told of each connection too many, be it refused or broken off for another.</summary>
    public Action? OnConnectionRefused { get; init; }

    /// <summary>Told the status of each request that was answered before any endpoint saw it whole: it was too slow, too long, or no HTTP.</summary>
    public Action<int>? OnBadRequest { get; init; }

    /// <summary>Told of each connection that was broken off because an answer was not read.</summary>
    public Action? OnUnreadAnswer { get; init; }
}
