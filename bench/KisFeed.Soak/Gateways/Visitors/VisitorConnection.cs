using System.Net;
using System.Net.Sockets;
using KisFeed.Client;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>The connection of one visit, which can be aborted.</summary>
internal sealed class VisitorConnection : IDisposable
{
    // Small, so that the gateway notices early that a visitor does not read.
    private const int ReceiveBuffer = 16 * 1024;

    private readonly SocketsHttpHandler _handler;
    private Socket? _socket;

    public VisitorConnection(TimeSpan connectTimeout)
    {
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = connectTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // The gateway forwards messages that are not valid UTF-8, on which .NET's WebSocket would close the connection.
            PlaintextStreamFilter =
                static (context, _) => ValueTask.FromResult<Stream>(new ReadAheadWebSocketStream(context.PlaintextStream)),
        };
        Http = new HttpMessageInvoker(_handler);
    }

    public HttpMessageInvoker Http { get; }

    /// <summary>Ends the connection like a killed process: with a FIN, or with a reset if received data are unread.</summary>
    public void Abort() => _socket?.Dispose();

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        if (_socket is not { } socket)
            return;
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }

        socket.Dispose();
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
        _socket?.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = ReceiveBuffer,
        };
        await _socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
        return new NetworkStream(_socket, ownsSocket: true);
    }
}
