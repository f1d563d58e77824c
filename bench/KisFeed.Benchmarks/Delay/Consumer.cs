using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A consumer with minimal work: it searches received bytes for the numbers of frames, and answers heartbeats.</summary>
internal sealed class Consumer : IDisposable
{
    public const string AppKey = "DELAYAPPKEY0000000000000000000000000";

    private readonly Socket _socket;
    private readonly byte[] _marker;
    private readonly Action<int> _onNumber;
    private readonly byte[] _buffer;
    private volatile bool _hasStoppedReading;

    private Consumer(Socket socket, string marker, Action<int> onNumber, int bufferLength)
    {
        _socket = socket;
        _marker = Encoding.ASCII.GetBytes(marker);
        _onNumber = onNumber;
        _buffer = new byte[bufferLength];
    }

    public static string AppSecret { get; } = new('s', 180);

    /// <summary>Connects as a consumer of server-sent events.</summary>
    public static async Task<Consumer> ConnectStreamAsync(
        int port, Action<int> onNumber, int bufferLength = 256 * 1024, ConsumerToken? token = null)
    {
        var consumer = new Consumer(await ConnectAsync(port), "\"accumulatedVolume\":", onNumber, bufferLength);

        // HTTP/1.0, so that the events are not sent in chunks.
        await consumer.SendAsync($"GET /v1/stream?subscribe=index:0001 HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n"
            + $"{(token is null ? "" : $"Authorization: Basic {token.Basic}\r\n")}\r\n");
        return consumer;
    }

    /// <summary>Connects as a consumer in the broker's protocol.</summary>
    public static async Task<Consumer> ConnectBrokerAsync(int port, string approvalKey, Action<int> onNumber, int bufferLength = 256 * 1024)
    {
        var consumer = new Consumer(await ConnectAsync(port), "^2^32.68^", onNumber, bufferLength);
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await consumer.SendAsync($"GET /tryitout HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n");
        var length = await consumer._socket.ReceiveAsync(consumer._buffer.AsMemory());
        if (!consumer._buffer.AsSpan(0, length).StartsWith("HTTP/1.1 101"u8))
            throw new InvalidOperationException("the gateway refused a WebSocket");
        await consumer.SendMessageAsync(
            $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"1","content-type":"utf-8"},"body":{"input":"""
            + """{"tr_id":"H0UPCNT0","tr_key":"0001"}}}""");
        return consumer;
    }

    /// <summary>Stops reading and stays connected.</summary>
    public void StopReading() => _hasStoppedReading = true;

    /// <summary>Reads until <see cref="StopReading"/> is called or the gateway closes the connection.</summary>
    public async Task ReadAsync()
    {
        try
        {
            for (var buffered = 0; !_hasStoppedReading;)
            {
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(buffered));
                if (count == 0)
                    return;
                buffered = await ScanAsync(buffered + count);
            }
        }
        catch (SocketException)
        {
            // The gateway has closed the connection, or this object was disposed.
        }
        catch (ObjectDisposedException)
        {
            // This object was disposed.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<Socket> ConnectAsync(int port)
    {
        // A small receive buffer, so that the gateway notices early that a consumer does not read.
        var socket =
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 64 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private async ValueTask<int> ScanAsync(int length)
    {
        var consumed = Scan(_buffer.AsSpan(0, length));
        if (HeartbeatIn(_buffer.AsSpan(0, length)) is { } heartbeat)
        {
            await SendMessageAsync(heartbeat);
            consumed = length;
        }

        var buffered = Math.Min(length - consumed, _buffer.Length / 2);
        _buffer.AsSpan(length - buffered, buffered).CopyTo(_buffer);
        return buffered;
    }

    // Returns the number of processed bytes.
    private int Scan(ReadOnlySpan<byte> received)
    {
        var consumed = 0;
        while (true)
        {
            var at = received[consumed..].IndexOf(_marker);
            if (at < 0)
                return Math.Max(consumed, received.Length - _marker.Length + 1);
            var number = received[(consumed + at + _marker.Length)..];
            if (!Utf8Parser.TryParse(number, out int value, out var digits) || digits == number.Length)
                return consumed + at;
            _onNumber(value);
            consumed += at + _marker.Length + digits;
        }
    }

    private static string? HeartbeatIn(ReadOnlySpan<byte> received)
    {
        var at = received.IndexOf("{\"header\":{\"tr_id\":\"PINGPONG\""u8);
        if (at < 0)
            return null;
        var end = received[at..].IndexOf("}}"u8);
        return end < 0 ? null : Encoding.UTF8.GetString(received.Slice(at, end + 2));
    }

    private Task SendMessageAsync(string text)
    {
        // Clients must mask; the mask is zero.
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] header = payload.Length < 126
            ? [0x81, (byte)(0x80 | payload.Length), 0, 0, 0, 0]
            : [0x81, 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length, 0, 0, 0, 0];
        return SendAsync([.. header, .. payload]);
    }

    private Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    private async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes.AsMemory());
}
