using System.Net;
using System.Net.Sockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>A gateway behind a reverse proxy on this machine, and one that is watched over at a port of its own.</summary>
public sealed class ProxyTests : IDisposable
{
    private const string Handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.7", "192.0.2.7")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 192.0.2.7", "192.0.2.7")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 192.0.2.7, 127.0.0.9", "192.0.2.7")]
    [InlineData("X-Forwarded-For: nonsense", "127.0.0.1")]
    [InlineData("Forwarded: for=192.0.2.7", "127.0.0.1")]
    public async Task Limits_go_by_the_address_that_the_proxy_names(string header, string expected)
    {
        await using var stage = await OpenAsync(options => options with { MaxConnectionsPerAddress = 2 });
        List<TcpClient> sockets = [];
        for (var i = 0; i < 3; i++)
            sockets.Add(await ConnectAsync(stage, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{header}\r\n{Handshake}\r\n"));

        if (expected == "192.0.2.7")
            (await ReadAsync(sockets[0])).ShouldBeEmpty("it was broken off for the third of its address");
        (await stage.GetAsync("/healthz")).Status.ShouldBe(200);
        await Patience.UntilAsync(() => stage.Gateway.Status.ConnectionsAccepted == 3);
        sockets.ForEach(socket => socket.Dispose());
        await Patience.UntilAsync(() => stage.Log.Entries.Count(e => e.Text.Contains($" from {expected}:", StringComparison.Ordinal) && e.Text.Contains("ended before its session began", StringComparison.Ordinal)) == 3);
        stage.Gateway.Refusals.Of(RefusalReason.Connections).ShouldBe(expected == "192.0.2.7" ? 1 : 0);
    }

    [Fact]
    public async Task Without_a_trusted_proxy_nobody_is_believed()
    {
        await using var stage = await OpenAsync(options => options with { TrustedProxies = [IPNetwork.Parse("192.0.2.0/24")] });
        using var socket = await ConnectAsync(stage, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.1\r\n{Handshake}\r\n");
        await Patience.UntilAsync(() => stage.Gateway.Status.ConnectionsAccepted == 1);
        socket.Dispose();
        await stage.Log.EventAsync(23);
        stage.Log.Entries.ShouldContain(e => e.Text.Contains(" from 127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_secrets_of_one_client_of_a_proxy_do_not_count_against_others()
    {
        await using var stage = await OpenAsync();
        var wrong = WebClient.Basic(_household["anna"].AppKey, "wrong");
        for (var i = 0; i <= AuthenticationThrottle.Burst; i++)
            await stage.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.7");
        (await stage.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.7")).Status.ShouldBe(429);
        (await stage.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.8")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task By_the_proxy_protocol_too()
    {
        await using var stage = await OpenAsync(options => options with { ProxyProtocol = true });
        using var socket = await ConnectAsync(stage, $"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\nGET /tryitout HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.1\r\n{Handshake}\r\n");
        await Patience.UntilAsync(() => stage.Gateway.Status.ConnectionsAccepted == 1);
        socket.Dispose();
        await stage.Log.EventAsync(23);
        stage.Log.Entries.ShouldContain(e => e.Text.Contains(" from 192.0.2.7:56324 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sockets_that_say_nothing_lock_nobody_out()
    {
        await using var stage = await OpenAsync(options => options with { MaxConnections = 8 });
        List<TcpClient> sockets = [];
        for (var i = 0; i < 40; i++)
        {
            sockets.Add(await ConnectAsync(stage, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{Handshake}\r\n"));
            if (i % 10 == 9)
                (await stage.GetAsync("/v1/status", WebClient.Basic(_household["anna"]))).Status.ShouldBe(200);
        }

        await using var anna = await _household.ConnectAsync(stage, "anna");
        (await anna.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        for (var i = 0; i < 20; i++)
            sockets.Add(await ConnectAsync(stage, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{Handshake}\r\n"));
        (await anna.RegisterAsync(Stage.Index, "1001")).IsSuccess.ShouldBeTrue();
        stage.Gateway.Refusals.Of(RefusalReason.Connections).ShouldBeGreaterThan(30);
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Health_is_answered_at_a_port_of_its_own_and_nothing_else_is()
    {
        await using var stage = await OpenAsync(options => options with { HealthPort = 0, MaxConnections = 1 });
        var health = stage.Gateway.HealthUrl.ShouldNotBeNull();
        health.Port.ShouldNotBe(stage.Gateway.Port);
        await using var anna = await _household.ConnectAsync(stage, "anna");
        await anna.RegisterAsync(Stage.Index, "0001");
        List<TcpClient> idle = [];
        for (var i = 0; i < 100; i++)
        {
            idle.Add(new TcpClient());
            try
            {
                await idle[^1].ConnectAsync("127.0.0.1", health.Port);
            }
            catch (SocketException)
            {
                // It was broken off for the next one before connect returned.
            }
        }

        (await RawClient.AskAsync(health, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")).ShouldStartWith("HTTP/1.1 200 ");
        (await RawClient.AskAsync(health, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")).ShouldStartWith("HTTP/1.1 200 ");
        (await RawClient.AskAsync(health, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")).ShouldStartWith("HTTP/1.1 401 ");
        (await RawClient.AskAsync(health, $"GET /metrics HTTP/1.1\r\nHost: localhost\r\n{WebClient.Basic(_household["anna"])}\r\n\r\n")).ShouldStartWith("HTTP/1.1 200 ");
        foreach (var other in (string[])["GET /v1/status", "GET /", "POST /oauth2/Approval", "GET /tryitout", "GET /v1/stream?subscribe=index:0001"])
            (await RawClient.AskAsync(health, $"{other} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")).ShouldStartWith("HTTP/1.1 404 ");
        idle.ForEach(tcp => tcp.Dispose());
    }

    private async Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _household.AddAsync("anna");
        return await Stage.OpenAsync(with: options =>
        {
            options = options with { TokenFile = _household.TokenFile, TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };
            return with?.Invoke(options) ?? options;
        });
    }

    // Completes with the answer to the handshake.
    private static async Task<TcpClient> ConnectAsync(Stage stage, string request)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", stage.Gateway.Port);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        (await ReadAsync(tcp)).ShouldStartWith("HTTP/1.1 101 ");
        return tcp;
    }

    private static async Task<string> ReadAsync(TcpClient tcp)
    {
        var buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await tcp.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience.Limit));
        }
        catch (IOException)
        {
            return ""; // Reset.
        }
    }
}
