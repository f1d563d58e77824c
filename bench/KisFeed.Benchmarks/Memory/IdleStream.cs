using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KisFeed.Benchmarks.Memory;

/// <summary>A consumer of server-sent events that discards them.</summary>
internal sealed class IdleStream : IDisposable
{
    private const int BufferLength = 4 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private IdleStream()
    {
    }

    /// <summary>Opens a stream of the common key. The task completes when the response has started.</summary>
    public static async Task<IdleStream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var stream = new IdleStream();
        await stream._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await stream._socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET /v1/stream?subscribe=index:0001 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), cancellationToken);
        var buffer = new byte[BufferLength];
        var length = await stream._socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        if (!buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException(
                $"the gateway refused a stream: {Encoding.ASCII.GetString(buffer.AsSpan(0, Math.Min(length, 64)))}");
        }
        _ = Task.Run(() => stream.ReadAsync(buffer), CancellationToken.None);
        return stream;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync(byte[] buffer)
    {
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory()) > 0)
            {
                // The data are discarded.
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway has closed the connection, or this object was disposed.
        }
    }
}
