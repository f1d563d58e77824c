using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace KisFeed.TestSupport;

/// <summary>A client that writes WebSocket frames itself, so that it can send what libraries do not allow.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    public const byte Text = 0x1;
    public const byte Binary = 0x2;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    /// <summary>The header lines of a request for a WebSocket.</summary>
    public const string Upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    private static readonly byte[] s_mask = [0x5A, 0x01, 0xFF, 0x80];

    private readonly TcpClient _tcp = new() { NoDelay = true };

    private NetworkStream? _stream;

    private RawClient()
    {
    }

    // Kept, because data received before a reset can still be read.
    private NetworkStream Stream => _stream ??= _tcp.GetStream();

    /// <summary>Connects to the address, or to the path of the service if it has none.</summary>
    public static async Task<RawClient> ConnectAsync(Uri server)
    {
        var client = new RawClient();
        var path = server.AbsolutePath == "/" ? "/tryitout" : server.PathAndQuery;
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var answer = await client.HandshakeAsync(
            server, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 101 ");
        answer.ShouldContain($"Sec-WebSocket-Accept: {AcceptanceOf(nonce)}\r\n");
        answer.ShouldNotContain("Sec-WebSocket-Extensions");
        return client;
    }

    /// <summary>Sends a raw request and returns the head of the response.</summary>
    public static async Task<string> AskAsync(Uri server, string request)
    {
        await using var client = new RawClient();
        return await client.HandshakeAsync(server, request);
    }

    /// <summary>
    /// Sends frames one after another on one connection, and on a new one whenever the server has closed it. Completes when the server has
    /// answered every frame, or closed the connection instead.
    /// </summary>
    public static async Task SendEachAsync(Uri server, IEnumerable<byte[]> frames)
    {
        RawClient? client = null;
        foreach (var frame in frames)
        {
            client ??= await ConnectAsync(server);
            if (await client.IsAnsweredAsync(frame).WaitAsync(Patience.Limit))
                continue;
            await client.DisposeAsync();
            client = null;
        }

        if (client is not null)
            await client.DisposeAsync();
    }

    /// <summary>Opens a session with a new app key and registers a key.</summary>
    public async Task<string> RegisterAsync(Uri restUrl, string trId, string trKey)
    {
        await SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(restUrl), "1", trId, trKey));
        var (opcode, payload) = (await ReceiveAsync()).ShouldNotBeNull();
        opcode.ShouldBe(Text);
        return Encoding.UTF8.GetString(payload);
    }

    public Task SendTextAsync(string text) => SendAsync(Frame(Text, Encoding.UTF8.GetBytes(text)));

    public async Task SendAsync(byte[] bytes) => await Stream.WriteAsync(bytes).AsTask().WaitAsync(Patience.Limit);

    public static byte[] Frame(byte opcode, byte[] payload, bool isFinal = true)
    {
        List<byte> frame = [(byte)((isFinal ? 0x80 : 0) | opcode)];
        if (payload.Length < 126)
            frame.Add((byte)(0x80 | payload.Length));
        else
            frame.AddRange([0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        frame.AddRange(s_mask);
        frame.AddRange(payload.Select((b, i) => (byte)(b ^ s_mask[i % 4])));
        return [.. frame];
    }

    /// <summary>The next frame; <see langword="null"/> if the connection has ended, with or without a reset.</summary>
    public async Task<(byte Opcode, byte[] Payload)?> ReceiveAsync()
    {
        if (await ReceiveFragmentAsync() is not { } frame)
            return null;
        frame.IsFinal.ShouldBeTrue("the message is fragmented");
        return (frame.Opcode, frame.Payload);
    }

    /// <summary>The next frame, which may be part of a message; <see langword="null"/> if the connection has ended.</summary>
    public async Task<(bool IsFinal, byte Opcode, byte[] Payload)?> ReceiveFragmentAsync()
    {
        try
        {
            var head = await ReadAsync(2);
            int length = head[1];
            if (length == 126)
            {
                var extended = await ReadAsync(2);
                length = (extended[0] << 8) | extended[1];
            }

            (head[1] & 0x80).ShouldBe(0, "a server does not mask");
            length.ShouldBeLessThan(127 + ushort.MaxValue);
            (head[0] & 0x70).ShouldBe(0, "no extension was negotiated");
            return ((head[0] & 0x80) != 0, (byte)(head[0] & 0x0F), await ReadAsync(length));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>All frames until the connection ends.</summary>
    public async Task<List<(byte Opcode, byte[] Payload)>> ReceiveAllAsync()
    {
        List<(byte Opcode, byte[] Payload)> frames = [];
        while (await ReceiveAsync() is { } frame)
            frames.Add(frame);
        return frames;
    }

    public ValueTask DisposeAsync()
    {
        _stream?.Dispose();
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

#pragma warning disable CA5350 // The handshake prescribes SHA-1.
    private static string AcceptanceOf(string nonce) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(nonce + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    // Frames are handled in order, so the pong confirms the previous frame.
    private async Task<bool> IsAnsweredAsync(byte[] frame)
    {
        try
        {
            await SendAsync(frame);
            await SendAsync(Frame(Ping, "still there"u8.ToArray()));
        }
        catch (IOException)
        {
            // The connection is closed; the close frame can still be read.
        }

        while (await ReceiveAsync() is var (opcode, payload))
        {
            if (opcode == Close)
                return false;
            if (opcode == Pong && payload.AsSpan().SequenceEqual("still there"u8))
                return true;
        }

        return false;
    }

    private async Task<string> HandshakeAsync(Uri server, string request)
    {
        await _tcp.ConnectAsync("127.0.0.1", server.Port).WaitAsync(Patience.Limit);
        await SendAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            answer.Append((char)(await ReadAsync(1))[0]);
        return answer.ToString();
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        await Stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience.Limit);
        return bytes;
    }
}
