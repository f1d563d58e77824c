using System.Net;
using System.Net.Sockets;
using KisFeed.Client;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>A connection of its own for one visit, which can be broken off.</summary>
internal sealed class Wire : IDisposable
{
    // Little room on the way, so that it is soon known of a visitor that it does not read.
    private const int ReceiveBuffer = 16 * 1024;

    private readonly SocketsHttpHandler _handler;
    private Socket? _socket;

    public Wire(TimeSpan connectTimeout)
    {
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = connectTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // What upstream sends that is no UTF-8 is passed on, and .NET's WebSocket would give up the connection.
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new ReadAheadWebSocketStream(context.PlaintextStream)),
        };
        Http = new HttpMessageInvoker(_handler);
    }

    public HttpMessageInvoker Http { get; }

    /// <summary>Ends the connection as a process does that is killed, or, with what was sent to it unread, with a reset.</summary>
    public void BreakOff() => _socket?.Dispose();

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
            // It has ended already.
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
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = ReceiveBuffer };
        await _socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
        return new NetworkStream(_socket, ownsSocket: true);
    }
}
