using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

public sealed class TextAsBinaryStreamTests
{
    private const string Upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: \u0081\u0081\r\n\r\n";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] s_text = [0x81, 2, 0x81, 0x81];
    private static readonly byte[] s_binary = [0x82, 2, 0x81, 0x81];

    [Theory]
    [InlineData(Upgrade, true)]
    [InlineData("HTTP/1.1 101 \n\n", true)] // The HTTP client takes bare line feeds too.
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 999\r\n\r\n", false)]
    [InlineData("\r\n\r\nHTTP/1.1 101 OK\r\n\r\n", false)]
    public async Task Frames_are_looked_for_behind_the_response_that_opens_a_websocket_however_the_bytes_are_split(string head, bool hasFrames)
    {
        var sent = Encoding.Latin1.GetBytes(head);
        byte[] all = [.. sent, .. s_text, .. s_text];
        byte[] expected = [.. sent, .. hasFrames ? s_binary : s_text, .. hasFrames ? s_binary : s_text];
        for (var chunk = 1; chunk <= all.Length; chunk++)
        {
            await using var stream = new TextAsBinaryStream(new MemoryStream(all));
            var received = new byte[all.Length];
            var position = 0;
            while (await stream.ReadAsync(received.AsMemory(position, Math.Min(chunk, all.Length - position))) is > 0 and var count)
                position += count;
            received.ShouldBe(expected, $"in parts of {chunk}");
        }
    }

    [Fact]
    public async Task Tls_and_proxies_work_as_ever()
    {
        await using var server = await StartAsync(https: true);
        await using var proxy = new ConnectProxy();
        using var handler = TextAsBinaryStream.CreateHandler();
        handler.UseProxy.ShouldBeTrue();
        handler.Proxy = new WebProxy(proxy.Url);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        await ReceiveInvalidTextAsync(server, "wss", handler);
        proxy.HasTunnelled.ShouldBeTrue();
    }

    [Fact]
    public async Task A_proxy_is_tunnelled_through_without_tls_too()
    {
        await using var server = await StartAsync(https: false);
        await using var proxy = new ConnectProxy();
        using var handler = TextAsBinaryStream.CreateHandler();
        handler.Proxy = new WebProxy(proxy.Url);
        await ReceiveInvalidTextAsync(server, "ws", handler);
        proxy.HasTunnelled.ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await using var server = await StartAsync(https: true);
        var error = await Should.ThrowAsync<ConnectionFailedException>(MessageSocket.ConnectAsync(UrlOf(server, "wss"), 1024, CancellationToken.None));
        error.GetBaseException().ShouldBeOfType<System.Security.Authentication.AuthenticationException>();
    }

    [Fact]
    public async Task A_handshake_that_is_wrong_is_refused()
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
        (await Should.ThrowAsync<ConnectionFailedException>(MessageSocket.ConnectAsync(UrlOf(server, "ws"), 1024, CancellationToken.None)))
            .InnerException.ShouldBeOfType<WebSocketException>().WebSocketErrorCode.ShouldBe(WebSocketError.HeaderError);
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        List<string> cookies = [];
        await using var server = await ListenAsync(https: false, async context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "a=b";
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var opener = new HttpMessageInvoker(TextAsBinaryStream.CreateHandler());
        for (var i = 0; i < 2; i++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(UrlOf(server, "ws"), opener, CancellationToken.None);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(s_patience);
        }

        cookies.ShouldBe(["", ""]);
    }

    private static async Task ReceiveInvalidTextAsync(WebApplication server, string scheme, SocketsHttpHandler handler)
    {
        using var opener = new HttpMessageInvoker(handler, disposeHandler: false);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(UrlOf(server, scheme), opener, CancellationToken.None).WaitAsync(s_patience);
        var buffer = new byte[16];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(s_patience);
        result.MessageType.ShouldBe(WebSocketMessageType.Binary);
        buffer[..result.Count].ShouldBe([0xFF, 0xFE]);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(s_patience);
        socket.State.ShouldBe(WebSocketState.Closed);
    }

    private static Uri UrlOf(WebApplication server, string scheme) => new UriBuilder(server.Urls.Single()) { Scheme = scheme, Path = "/" }.Uri;

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
}
