using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

public sealed class ReadAheadWebSocketStreamTests
{
    private const string Upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: \u0081\u0081\r\n\r\n";
    private static readonly byte[] s_text = [0x81, 2, 0x81, 0x81];
    private static readonly byte[] s_binary = [0x82, 2, 0x81, 0x81];

    [Theory]
    [InlineData(Upgrade, true)]
    [InlineData("HTTP/1.1 101 \n\n", true)] // The HTTP client accepts bare line feeds too.
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 999\r\n\r\n", false)]
    [InlineData("\r\n\r\nHTTP/1.1 101 OK\r\n\r\n", false)]
    public async Task Frames_are_detected_after_the_upgrade_response_however_the_bytes_are_split(string head, bool hasFrames)
    {
        var sent = Encoding.Latin1.GetBytes(head);
        byte[] all = [.. sent, .. s_text, .. s_text];
        byte[] expected = [.. sent, .. hasFrames ? s_binary : s_text, .. hasFrames ? s_binary : s_text];
        for (var chunk = 1; chunk <= all.Length; chunk++)
        {
            await using var stream = new ReadAheadWebSocketStream(new MemoryStream(all));
            var received = new byte[all.Length];
            var position = 0;
            while (await stream.ReadAsync(received.AsMemory(position, Math.Min(chunk, all.Length - position))) is > 0 and var count)
                position += count;
            received.ShouldBe(expected, $"in parts of {chunk}");
        }
    }

    [Fact]
    public async Task Messages_stay_in_order_however_the_bytes_are_read()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            List<byte> sent = [.. Encoding.Latin1.GetBytes(Upgrade)];
            List<string> texts = [];
            for (var i = random.Next(1, 30); i > 0; i--)
            {
                // A whole message, or a message of two fragments; with a ping before, between or after them.
                var text = $"{texts.Count}:{new string('x', random.Next(4) == 0 ? random.Next(300) : random.Next(5))}";
                texts.Add(text);
                var cut = random.Next(3) == 0 ? random.Next(text.Length) : text.Length;
                AddPing();
                Add((byte)(cut == text.Length ? 0x81 : 0x01), text[..cut]);
                AddPing();
                if (cut < text.Length)
                    Add(0x80, text[cut..]);
            }

            AddPing();
            await using var stream = new ReadAheadWebSocketStream(new PiecewiseStream([.. sent], random));
            await ReadHeadAsync(stream);
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = false });
            List<string> received = [];
            while (received.Count < texts.Count)
            {
                var isAhead = await stream.WaitForMessageAsync(1000, CancellationToken.None);
                if (!isAhead)
                    received.Add(await AssembleAsync(socket));
                while (stream.TryReadMessage(1000, out var message))
                    received.Add(Encoding.Latin1.GetString(message.Span));
            }

            received.ShouldBe(texts, $"seed {seed}");

            void AddPing()
            {
                if (random.Next(3) == 0)
                    Add(0x89, new string('p', random.Next(4)));
            }

            void Add(byte first, string payload)
            {
                sent.Add(first);
                sent.AddRange(payload.Length < 126 ? [(byte)payload.Length] : [126, (byte)(payload.Length >> 8), (byte)payload.Length]);
                sent.AddRange(Encoding.Latin1.GetBytes(payload));
            }
        }
    }

    [Fact]
    public async Task Only_opcodes_of_text_frames_are_changed_however_the_bytes_are_split()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            TestFrame[] frames = [.. Enumerable.Range(0, random.Next(30)).Select(_ => TestFrame.Create(random))];
            await using var stream = new ReadAheadWebSocketStream(
                new PiecewiseStream([.. Encoding.Latin1.GetBytes(Upgrade), .. frames.SelectMany(f => f.Write(f.First))], random));
            await ReadHeadAsync(stream);
            using var received = new MemoryStream();
            await stream.CopyToAsync(received, random.Next(1, 3_000));

            var expected = frames.SelectMany(f => f.Write((f.First & 0xF) == 1 ? (byte)(f.First + 1) : f.First)).ToArray();
            received.ToArray().AsSpan().SequenceEqual(expected).ShouldBeTrue($"seed {seed}");
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 127, 0, 0, 0, 2, 0, 0, 0, 0 }, 0x2_0000_000AUL)] // Longer than memory
    [InlineData(new byte[] { 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, ulong.MaxValue)] // Not a valid length
    public async Task The_payload_of_a_frame_is_unchanged_whatever_its_length(byte[] header, ulong length)
    {
        var buffer = new ReadAheadBuffer();
        buffer.Add(header);
        buffer.TryBeginFrame(out var found).ShouldBeTrue();
        found.ShouldBe(length);

        byte[] payload = [.. Enumerable.Repeat((byte)0x81, 1 << 20)];
        await using var stream = new ReadAheadWebSocketStream(
            new MemoryStream([.. Encoding.Latin1.GetBytes(Upgrade), .. header, .. payload]));
        await ReadHeadAsync(stream);
        using var received = new MemoryStream();
        await stream.CopyToAsync(received);
        byte[] expected = [0x82, .. header[1..], .. payload];
        received.ToArray().AsSpan().SequenceEqual(expected).ShouldBeTrue();
    }

    [Fact]
    public void Bytes_passed_to_the_WebSocket_are_cleared()
    {
        var buffer = new ReadAheadBuffer();
        buffer.Add("a secret in a fragment"u8);
        var moved = new byte[8];

        buffer.Move(moved).ShouldBe(8);

        moved.ShouldBe("a secret"u8.ToArray());
        Encoding.ASCII.GetString(buffer.Unread).ShouldBe(" in a fragment");
        buffer.Move(new byte[100]).ShouldBe(14);
        buffer.Unread.IsEmpty.ShouldBeTrue();
        buffer.GetFreeMemory().Span.IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public async Task TLS_and_proxies_work()
    {
        await using var server = await StartAsync(https: true);
        await using var proxy = new ConnectProxy();
        using var handler = ReadAheadWebSocketStream.CreateHandler();
        handler.UseProxy.ShouldBeTrue();
        handler.Proxy = new WebProxy(proxy.Url);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        await ReceiveInvalidTextAsync(server, "wss", handler);
        proxy.HasTunnelled.ShouldBeTrue();
    }

    [Fact]
    public async Task A_proxy_tunnels_without_TLS_too()
    {
        await using var server = await StartAsync(https: false);
        await using var proxy = new ConnectProxy();
        using var handler = ReadAheadWebSocketStream.CreateHandler();
        handler.Proxy = new WebProxy(proxy.Url);
        await ReceiveInvalidTextAsync(server, "ws", handler);
        proxy.HasTunnelled.ShouldBeTrue();
    }

    [Fact]
    public async Task An_untrusted_certificate_is_rejected()
    {
        await using var server = await StartAsync(https: true);
        var error = await Should.ThrowAsync<ConnectionFailedException>(
            MessageSocket.ConnectAsync(UrlOf(server, "wss"), new KisFeedOptions(), CancellationToken.None));
        error.GetBaseException().ShouldBeAssignableTo<System.Security.Authentication.AuthenticationException>();
        error.Message.ShouldContain("is refused: ");
    }

    [Fact]
    public async Task An_invalid_handshake_is_rejected()
    {
        await using var server = await ListenAsync(https: false, static async context =>
        {
            context.Response.StatusCode = StatusCodes.Status101SwitchingProtocols;
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketAccept = "c29tZXRoaW5nIGVsc2U=";
            var upgrade = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>().ShouldNotBeNull();
            await using var stream = await upgrade.UpgradeAsync();
        });
        (await Should.ThrowAsync<ConnectionFailedException>(
            MessageSocket.ConnectAsync(UrlOf(server, "ws"), new KisFeedOptions(), CancellationToken.None)))
            .InnerException.ShouldBeOfType<WebSocketException>().WebSocketErrorCode.ShouldBe(WebSocketError.HeaderError);
    }

    [Fact]
    public async Task Cookies_are_not_stored()
    {
        List<string> cookies = [];
        await using var server = await ListenAsync(https: false, async context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "a=b";
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var invoker = new HttpMessageInvoker(ReadAheadWebSocketStream.CreateHandler());
        for (var i = 0; i < 2; i++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(UrlOf(server, "ws"), invoker, CancellationToken.None);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience.Limit);
        }

        cookies.ShouldBe(["", ""]);
    }

    private static async Task ReadHeadAsync(ReadAheadWebSocketStream stream)
    {
        var head = new byte[Upgrade.Length];
        for (var at = 0; at < head.Length;)
            at += await stream.ReadAsync(head.AsMemory(at));
    }

    private static async Task<string> AssembleAsync(WebSocket socket)
    {
        var text = "";
        var buffer = new byte[100];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            text += Encoding.Latin1.GetString(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return text;
        }
    }

    private static async Task ReceiveInvalidTextAsync(WebApplication server, string scheme, SocketsHttpHandler handler)
    {
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(UrlOf(server, scheme), invoker, CancellationToken.None).WaitAsync(Patience.Limit);
        var buffer = new byte[16];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(Patience.Limit);
        result.MessageType.ShouldBe(WebSocketMessageType.Binary);
        buffer[..result.Count].ShouldBe([0xFF, 0xFE]);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience.Limit);
        socket.State.ShouldBe(WebSocketState.Closed);
    }

    private static Uri UrlOf(WebApplication server, string scheme) =>
        new UriBuilder(server.Urls.Single()) { Scheme = scheme, Path = "/" }.Uri;

    private static Task<WebApplication> StartAsync(bool https) => ListenAsync(https, static async context =>
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync(new byte[] { 0xFF, 0xFE }.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        await ScriptedServer.ReceiveAsync(socket);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    });

    private static async Task<WebApplication> ListenAsync(bool https, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (https)
                listen.UseHttps(SelfSigned());
        }));
        if (https)
            builder.WebHost.UseKestrelHttpsConfiguration();
        var application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        application.Run(answer);
        await application.StartAsync();
        return application;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed record TestFrame(byte First, bool IsMasked, int Length, int LengthBytes)
    {
        private static readonly int[] s_lengths = [0, 1, 125, 126, 127, 65_535, 65_536];

        public static TestFrame Create(Random random) => new(
            (byte)random.Next(256),
            random.Next(5) == 0,
            random.Next(2) == 0 ? s_lengths[random.Next(s_lengths.Length)] : random.Next(300),
            random.Next(3) switch { 0 => 0, 1 => 2, _ => 8 });

        /// <summary>The frame with another first byte. Mask and payload look like the starts of text frames.</summary>
        public byte[] Write(byte first)
        {
            // A server may encode a length in more bytes than necessary.
            var lengthBytes = Math.Max(LengthBytes, Length switch { < 126 => 0, <= ushort.MaxValue => 2, _ => 8 });
            var frame = new byte[2 + lengthBytes + (IsMasked ? 4 : 0) + Length];
            frame.AsSpan().Fill(0x81);
            frame[0] = first;
            frame[1] = (byte)((IsMasked ? 0x80 : 0) | lengthBytes switch { 0 => Length, 2 => 126, _ => 127 });
            if (lengthBytes == 2)
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)Length);
            else if (lengthBytes == 8)
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)Length);
            return frame;
        }
    }

    /// <summary>Returns bytes in pieces, often one or a few at a time, and accepts writes.</summary>
    private sealed class PiecewiseStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(
                buffer[..Math.Min(buffer.Length, random.Next(3) switch { 0 => 1, 1 => random.Next(1, 9), _ => random.Next(1, 400) })],
                cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
