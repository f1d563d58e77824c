using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A stream of the past, of whose records only the number is looked at.</summary>
internal sealed class PastStream : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _live;
    private readonly byte[] _record;
    private int _kept;

    private PastStream(bool isJson)
    {
        _live = Encoding.ASCII.GetBytes(isJson ? "event: live" : "\"event\":\"live\"");
        _record = Encoding.ASCII.GetBytes(isJson ? "event: record" : "|H0UPCNT0|");
    }

    /// <summary>Whether the past has been read.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Begins a stream.</summary>
    public static async Task<PastStream> OpenAsync(int port, bool isJson)
    {
        var stream = new PastStream(isJson);
        await stream._socket.ConnectAsync(IPAddress.Loopback, port);
        await stream._socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/stream?subscribe=index:0001&from={PastCapture.Begin}"
            + $"{(isJson ? "" : "&format=capture")} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n").AsMemory());
        return stream;
    }

    /// <summary>Reads what has been received. Returns the number of records.</summary>
    public async ValueTask<int> ReadAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_kept));
        if (received == 0)
            throw new InvalidOperationException("the gateway ended a stream of the past");
        return Count(_buffer.AsSpan(0, _kept + received));
    }

    public void Dispose() => _socket.Dispose();

    private int Count(Span<byte> text)
    {
        IsLive |= text.IndexOf(_live) >= 0;
        var end = text.LastIndexOf((byte)'\n') + 1;
        var count = text[..end].Count(_record);
        text[end..].CopyTo(_buffer);
        _kept = text.Length - end;
        return count;
    }
}
