using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

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
    private const int UserTimeoutOption = 18; // TCP_USER_TIMEOUT of Linux, in milliseconds
    private const int ConnectionDropOption = 0x80; // TCP_RXT_CONNDROPTIME of macOS, in seconds

    /// <summary>How long a peer may leave unacknowledged, or not take, what was sent to it.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(KeepAliveSeconds + (ProbeSeconds * Probes));

    /// <summary>Enables it for the connection of a request.</summary>
    public static void Enable(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
            Enable(connection.Socket);
    }

    /// <summary>Enables it for a connection, as far as the system supports it.</summary>
    public static void Enable(Socket socket)
    {
        Try(() => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes));

        // Probes are sent on idle connections only. For data in flight Linux would retry for 15 minutes, macOS for several; Windows gives up within a minute.
        if (OperatingSystem.IsLinux())
            Try(() => socket.SetRawSocketOption(TcpLevel, UserTimeoutOption, BitConverter.GetBytes((int)Limit.TotalMilliseconds)));
        else if (OperatingSystem.IsMacOS())
            Try(() => socket.SetRawSocketOption(TcpLevel, ConnectionDropOption, BitConverter.GetBytes((int)Limit.TotalSeconds)));
    }

    private static void Try(Action set)
    {
        try
        {
            set();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or PlatformNotSupportedException)
        {
            // The peer has gone already, or the system does not have the option.
        }
    }
}
