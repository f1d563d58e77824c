using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Connections that are refused before the protocol starts: their status and counts, without effects on others.</summary>
public sealed class ConnectionAdmissionTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("Origin: https://evil.example\r\n", false)]
    [InlineData("Origin: http://evil.example:PORT\r\n", false)]
    [InlineData("Origin: null\r\n", false)]
    [InlineData("Origin: http://localhost:PORT\r\nOrigin: http://localhost:PORT\r\n", false)]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", false)]
    [InlineData("Sec-Fetch-Site: same-site\r\n", false)]
    [InlineData("Origin: http://localhost:PORT\r\nSec-Fetch-Site: same-origin\r\n", true)]
    [InlineData("Origin: https://charts.example\r\nSec-Fetch-Site: cross-site\r\n", true)]
    [InlineData("", true)]
    public async Task A_disallowed_origin_gets_neither_a_handshake_nor_an_approval_key(string headers, bool isAllowed)
    {
        var testGateway = shared.BeginTest();
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        var body = RestClient.Approval(TestCredentials.NewAppKey(), TestCredentials.AppSecret);
        headers = headers.Replace("PORT", $"{testGateway.Gateway.Port}", StringComparison.Ordinal);
        var accepted = testGateway.Status.Totals.ConnectionsAccepted;

        (await AskAsync(testGateway, "GET /tryitout HTTP/1.1", RawClient.Upgrade + headers)).ShouldBe(isAllowed ? 101 : 403);
        (await AskAsync(testGateway, "POST /oauth2/Approval HTTP/1.1", headers, body)).ShouldBe(isAllowed ? 200 : 403);
        (await AskAsync(testGateway, "POST /oauth2/tokenP HTTP/1.1", headers, body)).ShouldBe(
            403, "the secret is missing or has another name");

        testGateway.Refused(AccessRefusalReason.Origin).ShouldBe(isAllowed ? 0 : 3);
        await Patience.UntilAsync(() => testGateway.Status.Totals.ConnectionsAccepted == accepted + (isAllowed ? 1 : 0));
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task Paths_outside_of_the_protocol_are_not_found()
    {
        string[] lines =
        [
            "GET /tryitout/../v1 HTTP/1.1",
            "GET /tryitout/%2e%2e HTTP/1.1",
            "GET /tryitout/%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
            "GET //tryitout HTTP/1.1",
            "GET /tryitout//H0UPCNT0 HTTP/1.1",
            "GET /tryitout/H0UPCNT0/x HTTP/1.1",
            "GET /tryitout/H0UPCNT0%2fx HTTP/1.1",
            "GET /tryitout/H0UPCNT0%00 HTTP/1.1",
            "GET /tryitout/H0UPCNT0%0d%0a HTTP/1.1",
            "GET /tryitout\\H0UPCNT0 HTTP/1.1",
            "GET tryitout HTTP/1.1",
            "GET /tryitouts HTTP/1.1",
            "POST / HTTP/1.1",
            "POST /tryitout HTTP/1.1",
            "HEAD /tryitout HTTP/1.1",
            "TRACE /tryitout HTTP/1.1",
            "CONNECT localhost:80 HTTP/1.1",
            "GET /oauth2/Approval HTTP/1.1",
            "GET /oauth2/../oauth2/Approval HTTP/1.1",
            "GET /tryitout HTTP/9.9",
            "nonsense",
        ];
        await using var testGateway = await OpenAsync();
        await using var control = await ControlConsumer.ConnectAsync(testGateway);

        foreach (var line in lines)
        {
            var answer = await RawClient.AskAsync(testGateway.Url, $"{line}\r\nHost: localhost\r\n{RawClient.Upgrade}\r\n");

            StatusOf(answer).ShouldBeInRange(400, 505, line);
            StatusOf(answer).ShouldNotBe(500, line);
            answer.ShouldNotContain("   at ");
            await control.WaitForMoreFramesAsync();
        }

        testGateway.Status.Totals.ConnectionsAccepted.ShouldBe(1);
    }

    [Theory]
    [InlineData("GET /tryitout HTTP/1.1\r\nHost: localhost\r\n")]
    [InlineData("GET /tryitout HTTP/1.1\r\nHost: local")]
    [InlineData("POST /oauth2/Approval HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")]
    public async Task An_incomplete_request_is_answered(string beginning)
    {
        await using var testGateway = await OpenAsync(options => options with { RequestTimeout = TimeSpan.FromSeconds(1.5) });
        await using var control = await ControlConsumer.ConnectAsync(testGateway);

        var answer = await RawClient.AskAsync(testGateway.Url, beginning);

        StatusOf(answer).ShouldBe(408);
        testGateway.Refused(AccessRefusalReason.TooSlow).ShouldBe(1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_not_read_to_its_end()
    {
        await using var testGateway = await OpenAsync();
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        var body = new string(' ', 16 * 1024) + RestClient.Approval(TestCredentials.NewAppKey(), TestCredentials.AppSecret);

        (await AskAsync(testGateway, $"GET /tryitout/{new string('H', 9000)} HTTP/1.1", RawClient.Upgrade)).ShouldBe(414);
        (await AskAsync(testGateway, "GET /tryitout HTTP/1.1", $"X: {new string('x', 40_000)}\r\n")).ShouldBe(431);
        (await AskAsync(testGateway, "POST /oauth2/Approval HTTP/1.1", "", body)).ShouldBe(413);

        testGateway.Refused(AccessRefusalReason.MessageBytes).ShouldBe(3);
        testGateway.Status.Totals.ApprovalKeysIssued.ShouldBe(1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task A_connection_without_registration_is_closed_after_a_timeout()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await OpenAsync(
            options => options with { TimeProvider = time, HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        await using var silent = await RawClient.ConnectAsync(testGateway.Url);
        await using var wrong = await FeedClient.ConnectAsync(testGateway.Url, Guid.NewGuid().ToString());
        await wrong.RegisterAsync(TestGateway.Index, "0001");

        // The handshake is answered before the session starts its timeout; a ping is answered by the session.
        await silent.SendAsync(RawClient.Frame(RawClient.Ping, []));
        (await silent.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
        time.Advance(TimeSpan.FromSeconds(30));

        (await wrong.ReceiveAsync()).ShouldBeNull();
        (wrong.Socket.CloseStatus, wrong.Socket.CloseStatusDescription)
            .ShouldBe((WebSocketCloseStatus.PolicyViolation, "no request with a valid approval key within 30 seconds"));
        (await silent.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Close);
        await Patience.UntilAsync(() => testGateway.Refused(AccessRefusalReason.TooSlow) == 2);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_read_answers_is_aborted_but_a_stream_may_be_read_slowly()
    {
        await using var testGateway = await OpenAsync(
            options => options with { RequestTimeout = TimeSpan.FromSeconds(1.5), StreamQueueBytes = 64 * 1024 });
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        await using var stream = await SseClient.OpenAsync(
            testGateway.Gateway, "subscribe=index:0001,index:1001,index:2001,program:005930,program:000660&queue=10");
        await Patience.UntilAsync(() => testGateway.Status.Totals.StreamRecordsDropped > 0);
        using var stalled = new TcpClient { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync("127.0.0.1", testGateway.Gateway.Port);
        var requests = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("GET /v1/feeds HTTP/1.1\r\nHost: localhost\r\n\r\n", 1_000)));

        await Should.ThrowAsync<IOException>(async () =>
        {
            while (true)
                await stalled.GetStream().WriteAsync(requests).AsTask().WaitAsync(Patience.Limit);
        });

        await Patience.UntilAsync(() => testGateway.Refused(AccessRefusalReason.TooSlow) == 1);
        await stream.UntilAsync("gap");
        testGateway.Status.Totals.Streams.ShouldBe(1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_aborted()
    {
        const int Connections = 4;
        await using var testGateway = await OpenAsync(
            options => options with { MaxConnections = Connections, RequestTimeout = Patience.Limit });
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        List<TcpClient> idle = [];
        try
        {
            for (var i = 0; i < Connections; i++)
                idle.Add(new TcpClient());
            await await Task.WhenAny(idle.Select(tcp => ConnectAndDisconnectAsync(tcp, testGateway.Gateway.Port)));
            testGateway.Refused(AccessRefusalReason.Connections).ShouldBeGreaterThan(0);
            await control.WaitForMoreFramesAsync();
        }
        finally
        {
            idle.ForEach(tcp => tcp.Dispose());
        }

        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            try
            {
                (await AskAsync(testGateway, "GET /tryitout HTTP/1.1", "")).ShouldBe(426);
                break;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The other connections may not be closed yet.
            }
        }
    }

    private static async Task<int> AskAsync(TestGateway testGateway, string line, string headers, string? body = null)
    {
        var length = body is null ? "" : $"Content-Length: {body.Length}\r\n";
        return StatusOf(await RawClient.AskAsync(testGateway.Url, $"{line}\r\nHost: localhost\r\n{headers}{length}\r\n{body}"));
    }

    private static Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) =>
        TestGateway.OpenAsync(new SimulatorOptions { Rate = 1_000 }, with);

    // The server may abort a connection before the client's connect has returned.
    private static async Task ConnectAndDisconnectAsync(TcpClient tcp, int port)
    {
        try
        {
            await tcp.ConnectAsync("127.0.0.1", port);
            (await tcp.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience.Limit)).ShouldBe(0);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Reset.
        }
    }

    private static int StatusOf(string answer) =>
        int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), System.Globalization.CultureInfo.InvariantCulture);
}
