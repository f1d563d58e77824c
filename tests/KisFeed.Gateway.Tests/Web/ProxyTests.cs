using System.Net;
using System.Net.Sockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Server.Http;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>A gateway behind a reverse proxy, and a gateway with a health port.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.7", "192.0.2.7")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 192.0.2.7", "192.0.2.7")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 192.0.2.7, 127.0.0.9", "192.0.2.7")]
    [InlineData("X-Forwarded-For: nonsense", "127.0.0.1")]
    [InlineData("Forwarded: for=192.0.2.7", "127.0.0.1")]
    public async Task Limits_apply_to_the_address_named_by_the_proxy(string header, string expected)
    {
        await using var testGateway = await OpenAsync(options => options with { MaxConnectionsPerAddress = 2 });
        List<TcpClient> sockets = [];
        for (var i = 0; i < 3; i++)
        {
            sockets.Add(await ConnectAsync(
                testGateway, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{header}\r\n{RawClient.Upgrade}\r\n"));
        }

        if (expected == "192.0.2.7")
            (await ReadAsync(sockets[0])).ShouldBeEmpty("it was aborted for the third connection of its address");
        (await testGateway.GetAsync("/healthz")).Status.ShouldBe(200);
        await Patience.UntilAsync(() => testGateway.Status.Totals.ConnectionsAccepted == 3);
        sockets.ForEach(socket => socket.Dispose());
        await Patience.UntilAsync(() =>
            testGateway.Log.Entries.Count(e => e.Text.Contains($" from {expected}:", StringComparison.Ordinal)
                && e.Text.Contains("ended before its session began", StringComparison.Ordinal))
            == 3);
        testGateway.Refused(AccessRefusalReason.Connections).ShouldBe(expected == "192.0.2.7" ? 1 : 0);
    }

    [Fact]
    public async Task Without_a_trusted_proxy_forwarded_addresses_are_ignored()
    {
        await using var testGateway = await OpenAsync(options => options with { TrustedProxies = [IPNetwork.Parse("192.0.2.0/24")] });
        using var socket = await ConnectAsync(
            testGateway, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.1\r\n{RawClient.Upgrade}\r\n");
        await Patience.UntilAsync(() => testGateway.Status.Totals.ConnectionsAccepted == 1);
        socket.Dispose();
        await testGateway.Log.EventAsync("UnauthenticatedEnded");
        testGateway.Log.Entries.ShouldContain(e => e.Text.Contains(" from 127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failures_of_one_client_of_a_proxy_do_not_affect_others()
    {
        await using var testGateway = await OpenAsync();
        var wrong = WebClient.Basic(_testConsumers["anna"].AppKey, "wrong");
        for (var i = 0; i <= AuthenticationThrottle.Burst; i++)
            await testGateway.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.7");
        (await testGateway.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.7")).Status.ShouldBe(429);
        (await testGateway.GetAsync("/v1/status", wrong, "X-Forwarded-For: 192.0.2.8")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task The_PROXY_protocol_is_supported()
    {
        await using var testGateway = await OpenAsync(options => options with { ProxyProtocol = true });
        using var socket = await ConnectAsync(testGateway, "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\nGET /tryitout HTTP/1.1\r\n"
            + $"Host: localhost\r\nX-Forwarded-For: 203.0.113.1\r\n{RawClient.Upgrade}\r\n");
        await Patience.UntilAsync(() => testGateway.Status.Totals.ConnectionsAccepted == 1);
        socket.Dispose();
        await testGateway.Log.EventAsync("UnauthenticatedEnded");
        testGateway.Log.Entries.ShouldContain(e => e.Text.Contains(" from 192.0.2.7:56324 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silent_sockets_do_not_block_others()
    {
        await using var testGateway = await OpenAsync(options => options with { MaxConnections = 8 });
        List<TcpClient> sockets = [];
        for (var i = 0; i < 40; i++)
        {
            sockets.Add(await ConnectAsync(testGateway, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{RawClient.Upgrade}\r\n"));
            if (i % 10 == 9)
                (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("anna"))).Status.ShouldBe(200);
        }

        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await anna.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        for (var i = 0; i < 20; i++)
            sockets.Add(await ConnectAsync(testGateway, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{RawClient.Upgrade}\r\n"));
        (await anna.RegisterAsync(TestGateway.Index, "1001")).IsSuccess.ShouldBeTrue();
        testGateway.Refused(AccessRefusalReason.Connections).ShouldBeGreaterThan(30);
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Only_health_is_served_on_the_health_port()
    {
        await using var testGateway = await OpenAsync(options => options with { HealthPort = 0, MaxConnections = 1 });
        var health = testGateway.Gateway.HealthUrl.ShouldNotBeNull();
        health.Port.ShouldNotBe(testGateway.Gateway.Port);
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync(TestGateway.Index, "0001");
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
                // Aborted in favour of the next connection before connect returned.
            }
        }

        // A connection is entered after it is accepted, so an idle one that is late could take the place of the next request.
        await Patience.UntilAsync(() => idle.Count(IsEnded) == idle.Count - HealthEndpoint.MaxConnections);
        (await AskAsync("GET /healthz")).ShouldStartWith("HTTP/1.1 200 ");
        (await AskAsync("GET /readyz")).ShouldStartWith("HTTP/1.1 200 ");
        (await AskAsync("GET /metrics")).ShouldStartWith("HTTP/1.1 401 ");
        (await AskAsync("GET /metrics", $"{_testConsumers.Basic("anna")}\r\n")).ShouldStartWith("HTTP/1.1 200 ");
        foreach (var other in (string[])["GET /v1/status", "GET /", "POST /oauth2/Approval", "GET /tryitout",
            "GET /v1/stream?subscribe=index:0001"])
        {
            (await AskAsync(other, "Content-Length: 0\r\n")).ShouldStartWith("HTTP/1.1 404 ");
        }
        idle.ForEach(tcp => tcp.Dispose());

        Task<string> AskAsync(string line, string headers = "") =>
            RawClient.AskAsync(health, $"{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    }

    private static bool IsEnded(TcpClient tcp) => !tcp.Connected || (tcp.Client.Poll(0, SelectMode.SelectRead) && tcp.Available == 0);

    private async Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _testConsumers.AddAsync("anna");
        return await TestGateway.OpenAsync(
            with: options =>
            {
                options = options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };
                return with?.Invoke(options) ?? options;
            },
            consumers: _testConsumers);
    }

    // Completes with the response to the handshake.
    private static async Task<TcpClient> ConnectAsync(TestGateway testGateway, string request)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", testGateway.Gateway.Port);
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
