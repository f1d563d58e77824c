namespace KisFeed.Server;

/// <summary>What a server takes of its clients before it knows who they are.</summary>
internal sealed record ServerLimits
{
    /// <summary>Connections at once; more are broken off.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Connections at once from one address other than this machine's own; more are broken off.</summary>
    public required int MaxConnectionsPerAddress { get; init; }

    /// <summary>
    /// How long the headers of a request, once it has begun, and then its body may take, and how long an answer may wait to be read, <see cref="ResponseRate.Free">unless it is freed of that</see>; more than a second.
    /// </summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>How long a connection may stand without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each connection too many.</summary>
    public Action? OnConnectionRefused { get; init; }

    /// <summary>Told the status of each request that was answered before any endpoint saw it whole: it was too slow, too long, or no HTTP.</summary>
    public Action<int>? OnBadRequest { get; init; }

    /// <summary>Told of each connection that was broken off because an answer was not read.</summary>
    public Action? OnUnreadAnswer { get; init; }
}
