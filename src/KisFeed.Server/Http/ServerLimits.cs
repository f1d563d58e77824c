using System.Runtime.InteropServices;

namespace KisFeed.Server.Http;

/// <summary>The limits of a server for connections and requests, before clients are authenticated.</summary>
internal sealed record ServerLimits
{
    public const int DefaultMaxConnections = 4_000;

    /// <summary>Connections beyond <see cref="MaxConnections"/> that may be open while they are being aborted.</summary>
    public const int ConnectionsBeingClosed = 64;

    /// <summary>The maximum number of concurrent connections; more are aborted. Never more than <see cref="DescriptorLimit.Clamp"/> allows.</summary>
    public int MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>The maximum number of concurrent connections from one address other than this machine's own; more are aborted.</summary>
    public int MaxConnectionsPerAddress { get; init; } = int.MaxValue;

    /// <summary>
    /// The share of connections that unauthenticated clients may use; one more aborts the oldest. Default: <see langword="null"/>, for servers without
    /// authentication, which refuse connections at the maximum.
    /// </summary>
    public double? MaxUnauthenticatedShare { get; init; }

    /// <summary>The proxies whose connections carry many clients. Default: none.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>Whether these proxies use the PROXY protocol. Default: no.</summary>
    public bool UsesProxyProtocol { get; init; }

    /// <summary>
    /// The time limit for the first byte of a connection, for the headers of a request that has begun, for its body, and for the client to read a
    /// response (<see cref="ResponseRate.Free">unless it is exempt</see>). Must be longer than one second.
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
    public static ConnectionLimits Default { get; } = new();

    /// <summary>The client counts as slow when this many bytes are queued for it. Default: 1 MiB.</summary>
    public int OutboundBytes { get; init; } = 1 << 20;

    /// <summary>The longest message that a client may send, in bytes. Default: 64 KiB.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    public FrameLimits Frames { get; init; } = FrameLimits.Default;

    /// <summary>Whether TCP ends connections whose peer acknowledges nothing for <see cref="DeadPeerDetection.Limit"/>. Default: no.</summary>
    public bool DetectsDeadPeers { get; init; }
}

/// <summary>
/// The limit of open files and sockets of the process (RLIMIT_NOFILE). At the limit nothing can be opened, and not even a thread can start, so a server
/// stays below it. The runtime raises the soft limit to the hard limit when it starts.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>
    /// Descriptors that are reserved for other purposes: about 200 of the process itself, and 150 for files, upstream connections, the recorder, health
    /// checks and new threads.
    /// </summary>
    public const int Reserve = 350;

    /// <summary>The minimum of connections that are accepted under any limit.</summary>
    public const int MinConnections = 16;

    private const int NoFileOnLinux = 7;
    private const int NoFileElsewhere = 8;

    /// <summary>The limit, or <see langword="null"/> if the system has none.</summary>
    public static long? Current { get; } = Read();

    /// <summary>Reduces a number of connections to what the limit of descriptors allows.</summary>
    public static int Clamp(int connections, long? limit) =>
        limit is { } most ? (int)Math.Clamp(most - Reserve, Math.Min(connections, MinConnections), connections) : connections;

    private static long? Read()
    {
        if (OperatingSystem.IsWindows() || GetResourceLimit(OperatingSystem.IsLinux() ? NoFileOnLinux : NoFileElsewhere, out var limit) != 0)
            return null;
        return limit.Current > int.MaxValue ? null : (long)limit.Current;
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetResourceLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly nuint Current;
        public readonly nuint Most;
    }
}
