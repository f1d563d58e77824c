using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A consumer with minimal work: it parses the headers of frames, reads their numbers and answers heartbeats.</summary>
internal sealed class FanoutConsumer : IDisposable
{
    private readonly Socket _socket;
    private readonly FanoutUpstream _upstream;
    private readonly byte[] _buffer;
    private readonly List<double> _delays = [];
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;
    private long _missing;
    private int _last;
    private volatile bool _isClosed;
    private volatile bool _isTimed;

    private FanoutConsumer(Socket socket, FanoutUpstream upstream, int bufferLength)
    {
        _socket = socket;
        _upstream = upstream;
        _buffer = new byte[bufferLength];
        _last = upstream.Next - 1;
    }

    /// <summary>Received frames.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Frames that were missing or out of order.</summary>
    public long Missing => Volatile.Read(ref _missing);

    /// <summary>The number of the last frame.</summary>
    public int Last => Volatile.Read(ref _last);

    /// <summary>Whether the server has ended the connection.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether delays are measured.</summary>
    public bool IsTimed
    {
        get => _isTimed;
        set => _isTimed = value;
    }

    /// <summary>Connects, registers the common key and starts reading.</summary>
    public static async Task<FanoutConsumer> ConnectAsync(FanoutServer server, int bufferLength, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellationToken);
        var consumer = new FanoutConsumer(socket, server.Upstream, bufferLength);
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await consumer.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /tryitout HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"));
        var buffered = await consumer.ReadHandshakeAsync(cancellationToken);
        await consumer.SendMessageAsync(Encoding.ASCII.GetBytes(
            $$$$"""{"header":{"approval_key":"{{{{server.ApprovalKey}}}}","custtype":"P","tr_type":"1","content-type":"utf-8"}"""
            + ""","body":{"input":{"tr_id":"H0UPCNT0","tr_key":"0001"}}}"""));
        _ = Task.Run(() => consumer.ReadAsync(buffered), CancellationToken.None);
        await consumer._acknowledged.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return consumer;
    }

    /// <summary>Returns and clears the measured delays, in microseconds. Not thread-safe while frames arrive.</summary>
    public double[] DrainDelays()
    {
        double[] delays = [.. _delays];
        _delays.Clear();
        return delays;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> ReadHandshakeAsync(CancellationToken cancellationToken)
    {
        for (var length = 0; ;)
        {
            length += await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            var end = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
                continue;
            if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 101"u8))
                throw new InvalidOperationException($"the server refused a WebSocket: {Encoding.ASCII.GetString(_buffer.AsSpan(0, end))}");
            _buffer.AsSpan(end + 4, length - end - 4).CopyTo(_buffer);
            return length - end - 4;
        }
    }

    private async Task ReadAsync(int buffered)
    {
        try
        {
            while (true)
            {
                var consumed = ParseFrames(_buffer.AsSpan(0, buffered), out var heartbeat);
                if (heartbeat is not null)
                    await SendMessageAsync(heartbeat);
                _buffer.AsSpan(consumed, buffered - consumed).CopyTo(_buffer);
                buffered -= consumed;
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(buffered));
                if (count == 0)
                    break;
                buffered += count;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has closed the connection, or this object was disposed.
        }

        _isClosed = true;
    }

    // Returns the length of the complete frames.
    private int ParseFrames(ReadOnlySpan<byte> bytes, out byte[]? heartbeat)
    {
        heartbeat = null;
        var (consumed, received, missing, last) = (0, _received, _missing, _last);
        var now = _isTimed ? Stopwatch.GetTimestamp() : 0;
        while (bytes.Length - consumed >= 4)
        {
            var (start, length) = bytes[consumed + 1] == 126
                ? (consumed + 4, BinaryPrimitives.ReadUInt16BigEndian(bytes[(consumed + 2)..]))
                : (consumed + 2, bytes[consumed + 1]);
            if (bytes.Length < start + length)
                break;
            var text = bytes.Slice(start, length);
            consumed = start + length;
            if (text.Length == NumberedFrame.Length && text[0] == (byte)'0')
            {
                var number = NumberedFrame.NumberOf(text);
                missing += number - last - 1;
                last = number;
                received++;
                if (now != 0)
                    _delays.Add(Stopwatch.GetElapsedTime(_upstream.SentAt(number), now).TotalMicroseconds);
            }
            else if (text.IndexOf("PINGPONG"u8) >= 0)
            {
                heartbeat = text.ToArray();
            }
            else
            {
                _acknowledged.TrySetResult();
            }
        }

        Volatile.Write(ref _received, received);
        Volatile.Write(ref _missing, missing);
        Volatile.Write(ref _last, last);
        return consumed;
    }

    // Clients must mask; the mask is zero.
    private Task SendMessageAsync(byte[] text)
    {
        byte[] header = text.Length < 126
            ? [0x81, (byte)(0x80 | text.Length), 0, 0, 0, 0]
            : [0x81, 0x80 | 126, (byte)(text.Length >> 8), (byte)text.Length, 0, 0, 0, 0];
        return SendAsync([.. header, .. text]);
    }

    private async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes.AsMemory());
}
