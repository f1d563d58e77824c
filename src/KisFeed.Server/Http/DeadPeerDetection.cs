using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Http;

/// <summary>
/// Configures TCP to end connections whose peer has vanished, such as a machine that lost power. Clients need not answer heartbeats, so
/// nothing else would detect this before the send queue is full.
/// </summary>
internal static class DeadPeerDetection
{
    private const int KeepAliveSeconds = 30;
    private const int ProbeSeconds = 10;
    private const int Probes = 3;
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int UserTimeoutOption = 18; // TCP_USER_TIMEOUT of Linux, in milliseconds
    private const int ConnectionDropOption = 0x80; // TCP_RXT_CONNDROPTIME of macOS, in seconds

    /// <summary>How long sent data may stay unacknowledged before the connection ends.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(KeepAliveSeconds + (ProbeSeconds * Probes));

    /// <summary>Enables detection for the connection of a request.</summary>
    public static void Enable(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
            Enable(connection.Socket);
    }

    /// <summary>Enables detection for a socket, as far as the system supports it.</summary>
    public static void Enable(Socket socket)
    {
        Try(() => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds));
        Try(() => socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes));

        // Probes are sent on idle connections only. For data in flight Linux would retry for 15 minutes, macOS for
        // several; Windows gives up within a minute.
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
            // The peer is gone, or the system does not have the option.
        }
    }
}
