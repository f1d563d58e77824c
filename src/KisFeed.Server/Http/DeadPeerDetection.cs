using System.Net.Sockets;

namespace KisFeed.Server;

/// <summary>
/// Lets TCP end connections whose peer has vanished without a word, such as a machine that lost power. Clients need not answer heartbeats, so nothing else would notice before the send queue is full.
/// </summary>
internal static class DeadPeerDetection
{
    private const int KeepAliveSeconds = 30;
    private const int ProbeSeconds = 10;
    private const int Probes = 3;
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int UserTimeoutOption = 18; // TCP_USER_TIMEOUT of Linux

    /// <summary>How long a peer may leave unacknowledged, or not take, what was sent to it.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(KeepAliveSeconds + (ProbeSeconds * Probes));

    /// <summary>Enables it for a connection.</summary>
    public static void Enable(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);

        // Probes are sent on idle connections only. For data in flight Linux would retry for 15 minutes; other systems give up within about a minute by default.
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(TcpLevel, UserTimeoutOption, BitConverter.GetBytes((int)Limit.TotalMilliseconds));
    }
}
