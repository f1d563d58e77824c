using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Messages split and mixed in all ways that a server may use, over a real connection.</summary>
public sealed class MessageSocketTests
{
    private const int Limit = 30_000;

    [Fact]
    public async Task Messages_arrive_in_order_however_they_are_framed()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            TestMessage[] messages = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => TestMessage.Create(random))];
            using var server = new RawServer(random);
            var serving = server.SendAsync(messages.SelectMany(m => m.Frames).ToArray());
            await using var socket = await ConnectAsync(server);
            for (var i = 0; i < messages.Length;)
            {
                (await socket.ReceiveAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
                var read = 0;
                for (; socket.TryReadMessage(); read++, i++)
                {
                    i.ShouldBeLessThan(messages.Length, $"seed {seed}");
                    socket.IsOversized.ShouldBe(messages[i].Text.Length > Limit, $"seed {seed}, message {i}");
                    socket.Message.Span.SequenceEqual(messages[i].Text.AsSpan(0, Math.Min(Limit, messages[i].Text.Length)))
                        .ShouldBeTrue($"seed {seed}, message {i}");
                }

                read.ShouldBeGreaterThan(0, $"seed {seed}");
            }

            await serving.WaitAsync(Patience.Limit);
            server.Close();
            await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(socket.ReceiveAsync().AsTask().WaitAsync(Patience.Limit));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xC1, 1, 65 })] // A reserved bit
    [InlineData(new byte[] { 0x81, 0x81, 0, 0, 0, 0, 65 })] // Masked
    [InlineData(new byte[] { 0x83, 1, 65 })] // A reserved opcode
    [InlineData(new byte[] { 0x80, 1, 65 })] // A continuation of nothing
    [InlineData(new byte[] { 0x81 })] // Half a header
    [InlineData(new byte[] { 0x81, 5, 65 })] // Half a message
    public async Task A_protocol_error_ends_the_connection_after_earlier_messages(byte[] invalid)
    {
        using var server = new RawServer(new Random(1));
        var serving = server.SendAsync([0x81, 1, 66, .. invalid]);
        await using var socket = await ConnectAsync(server);
        (await socket.ReceiveAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
        socket.TryReadMessage().ShouldBeTrue();
        socket.Message.ToArray().ShouldBe("B"u8.ToArray());
        socket.TryReadMessage().ShouldBeFalse();
        await serving.WaitAsync(Patience.Limit);
        server.Close();
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(socket.ReceiveAsync().AsTask().WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task Aborting_ends_a_pending_receive()
    {
        using var server = new RawServer(new Random(1));
        var serving = server.SendAsync([]);
        var socket = await ConnectAsync(server);
        await serving.WaitAsync(Patience.Limit);
        var waiting = socket.ReceiveAsync().AsTask();
        socket.Abort("aborted by the test");
        await Should.ThrowAsync<OperationCanceledException>(waiting.WaitAsync(Patience.Limit));
        await socket.DisposeAsync().AsTask().WaitAsync(Patience.Limit);
        (await server.ReadToEndAsync().WaitAsync(Patience.Limit)).ShouldBeEmpty("no close frame is sent on an aborted connection");
    }

    [Fact]
    public async Task The_WebSocket_reads_only_its_own_frames_even_if_they_arrive_late()
    {
        using var server = new RawServer(new Random(1));
        var serving = server.SendAsync([]);
        var socket = await ConnectAsync(server);
        await serving.WaitAsync(Patience.Limit);
        for (var i = 0; i < 3; i++)
        {
            // After answering the ping, the WebSocket waits for the next frame, of which nothing has arrived yet.
            var waiting = socket.ReceiveAsync().AsTask();
            await server.SendPiecesAsync([0x89, 0]);
            await server.ReceiveAsync(6).WaitAsync(Patience.Limit);
            await server.SendPiecesAsync([0x81, 5, .. "hello"u8, 0x81, 1, (byte)'A', 0x89, 0, 0x81, 1, (byte)'B', 0x81, 1, (byte)'C']);
            List<string> texts = [];
            do
            {
                (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
                while (socket.TryReadMessage())
                    texts.Add(Encoding.UTF8.GetString(socket.Message.Span));
                if (texts.Count < 4)
                    waiting = socket.ReceiveAsync().AsTask();
            }
            while (texts.Count < 4);
            texts.ShouldBe(["hello", "A", "B", "C"]);
            await server.ReceiveAsync(6).WaitAsync(Patience.Limit);
        }

        server.Close();
        await socket.DisposeAsync().AsTask().WaitAsync(Patience.Limit);
    }

    private static Task<MessageSocket> ConnectAsync(RawServer server) =>
        MessageSocket.ConnectAsync(server.Url, new KisFeedOptions { MaxMessageBytes = Limit }, CancellationToken.None)
            .WaitAsync(Patience.Limit);

    private sealed record TestMessage(byte[] Text, byte[] Frames)
    {
        private static readonly int[] s_lengths = [0, 1, 125, 126, 127, 156, 3_000, 16_380, Limit, Limit + 1, 65_535, 65_536, 100_000];

        public static TestMessage Create(Random random)
        {
            var text = new byte[random.Next(3) == 0 ? s_lengths[random.Next(s_lengths.Length)] : random.Next(400)];
            random.NextBytes(text);
            List<byte> frames = [];
            AddControlFrame();
            var parts = random.Next(4) == 0 ? random.Next(1, 5) : 1;
            for (var (part, at) = (0, 0); part < parts; part++)
            {
                var length = part == parts - 1 ? text.Length - at : random.Next(text.Length - at + 1);
                AddFrame((byte)((part == parts - 1 ? 0x80 : 0) | (part == 0 ? random.Next(1, 3) : 0)), text.AsSpan(at, length));
                at += length;
                if (part < parts - 1)
                    AddControlFrame();
            }

            return new TestMessage(text, [.. frames]);

            // A ping, or an unsolicited pong.
            void AddControlFrame()
            {
                if (random.Next(6) == 0)
                    AddFrame((byte)random.Next(0x89, 0x8B), text.AsSpan(0, Math.Min(text.Length, random.Next(126))));
            }

            void AddFrame(byte first, ReadOnlySpan<byte> payload)
            {
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
                frames.Add(first);
                if (payload.Length < 126)
                    frames.Add((byte)payload.Length);
                else
                    frames.AddRange(payload.Length <= ushort.MaxValue ? [126, .. length[6..]] : [127, .. length]);
                frames.AddRange(payload);
            }
        }
    }

    /// <summary>
    /// Serves one connection with bytes in pieces of random length; the first piece includes the answer to the handshake.
    /// </summary>
    private sealed class RawServer : IDisposable
    {
        private readonly Random _random;
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private Socket? _socket;

        public RawServer(Random random)
        {
            _random = random;
            _listener.Start();
        }

        public Uri Url => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/tryitout");

        public async Task SendAsync(byte[] frames)
        {
            _socket = await _listener.AcceptSocketAsync();
            _socket.NoDelay = true;
            var buffer = new byte[8192];
            var request = "";
            while (!request.Contains("\r\n\r\n", StringComparison.Ordinal))
                request += Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer.AsMemory()));
            var key = request.Split("\r\n").First(l => l.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))[18..].Trim();
#pragma warning disable CA5350 // Required by RFC 6455.
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
            byte[] all = [.. Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + $"Sec-WebSocket-Accept: {accept}\r\n\r\n"), .. frames];
            var reading = frames.Length > 0 ? ReadToEndAsync() : null;
            for (var at = 0; at < all.Length;)
            {
                var length = Math.Min(
                    all.Length - at,
                    at == 0
                        ? 300
                        : _random.Next(4) switch
                        {
                            0 => 1,
                            1 => _random.Next(1, 20),
                            2 => _random.Next(1, 2_000),
                            _ => _random.Next(1, 50_000),
                        });
                await _socket.SendAsync(all.AsMemory(at, length));
                at += length;
            }

            _ = reading;
        }

        /// <summary>Everything that the client sends until it closes.</summary>
        public async Task<byte[]> ReadToEndAsync()
        {
            List<byte> received = [];
            var buffer = new byte[4096];
            try
            {
                while (await _socket!.ReceiveAsync(buffer.AsMemory()) is > 0 and var count)
                    received.AddRange(buffer.AsSpan(0, count));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The client closed without a close frame.
            }

            return [.. received];
        }

        public async Task SendPiecesAsync(params byte[][] pieces)
        {
            foreach (var piece in pieces)
                await _socket!.SendAsync(piece.AsMemory());
        }

        /// <summary>The next bytes that the client sends.</summary>
        public async Task<byte[]> ReceiveAsync(int count)
        {
            var received = new byte[count];
            for (var at = 0; at < count;)
            {
                var length = await _socket!.ReceiveAsync(received.AsMemory(at));
                length.ShouldBeGreaterThan(0, "the client has disconnected");
                at += length;
            }

            return received;
        }

        /// <summary>Ends the sending side, like a server that has disconnected.</summary>
        public void Close() => _socket!.Shutdown(SocketShutdown.Send);

        public void Dispose()
        {
            _socket?.Dispose();
            _listener.Dispose();
        }
    }
}

public sealed class KeepAliveTests
{
    [Fact]
    public async Task Dotnet_sends_no_unsolicited_pongs()
    {
        await using var server = await ScriptedServer.StartAsync(ScriptedServer.ReceiveAsync);
        await using var socket = await MessageSocket.ConnectAsync(
            new Uri(server.Url, "/tryitout"), server.Options, CancellationToken.None);
        socket.KeepAliveInterval.ShouldBe(TimeSpan.Zero, "the service drops a connection on which they arrive");
    }
}
