using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace KisFeed.Server.Tests.Http;

[SupportedOSPlatform("linux")]
public sealed class DeadPeerDetectionTests
{
    // To see it end a connection, the network would have to be cut for a minute.
    [Fact]
    public void TCP_is_told_to_give_up_within_the_limit()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        DeadPeerDetection.Enable(socket);

        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive).ShouldNotBe(0);
        var idle = TimeSpan.FromSeconds((int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
        var between = TimeSpan.FromSeconds((int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
        var probes = (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!;
        (idle + (between * probes)).ShouldBe(DeadPeerDetection.Limit);
        Span<byte> userTimeout = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption(6, 18, userTimeout);
        TimeSpan.FromMilliseconds(BitConverter.ToInt32(userTimeout)).ShouldBe(DeadPeerDetection.Limit);
    }
}
