using System.Net.WebSockets;

namespace KisFeed.Simulator.Tests.Server;

public sealed class SessionTests
{
    private static readonly SimulatorOptions s_quiet = new() { TimeProvider = new ManualTimeProvider() };

    [Fact]
    public async Task A_second_session_of_an_app_key_is_disconnected_and_the_first_continues()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        var appKey = TestCredentials.NewAppKey();
        await using var first = await FeedClient.ConnectAsync(
            server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));
        await first.RegisterAsync("H0UPCNT0", "0001");
        await using var second = await FeedClient.ConnectAsync(
            server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));

        await second.SendAsync(FeedClient.Request(second.ApprovalKey, "1", "H0UPCNT0", "0001"));

        (await second.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"}"""
            + ""","body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}""");
        await Should.ThrowAsync<WebSocketException>(second.ReceiveAsync);
        (await first.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
        (await first.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0002");
    }

    [Fact]
    public async Task A_refused_session_can_be_closed_instead_of_disconnected()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { AppKeyInUseEnding = ConnectionEnding.Close });
        await using var first = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await first.RegisterAsync("H0UPCNT0", "0001");
        await using var second = await FeedClient.ConnectAsync(server.WebSocketUrl, first.ApprovalKey);

        (await second.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP8996");

        (await second.ReceiveAsync()).ShouldBeNull();
        second.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task An_app_key_is_claimed_only_by_a_valid_request()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        await using var silent = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        await using var malformed = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await malformed.AskAsync("{}")).IsSuccess.ShouldBeFalse();
        await using var second = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await second.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task The_app_key_is_released_immediately_after_a_clean_close()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        for (var i = 0; i < 3; i++)
        {
            await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
            (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0000");
            await client.CloseAsync();
            client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        }
    }

    [Fact]
    public async Task The_app_key_and_the_registrations_are_released_after_an_unclean_end()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(s_quiet with { LoggerFactory = log });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        var lost = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        await lost.RegisterAsync("H0UPCNT0", "0001");
        server.Statistics.ShouldBe(new SimulatorStatistics(1, 1, 0, 0, 1, 1));

        lost.Socket.Abort();
        await log.EventAsync("SessionEnded");

        server.Statistics.ShouldBe(new SimulatorStatistics(0, 0, 0, 0, 1, 1));
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0000");
        await lost.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/tryitout")]
    [InlineData("/tryitout/")]
    [InlineData("/tryitout/H0UPCNT0")]
    [InlineData("/tryitout/H0BJCNT0")]
    [InlineData("/TryItOut/whatever")]
    public async Task Every_path_serves_every_feed(string path)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl, path: path);
        (await client.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
        (await client.RegisterAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_request_may_be_fragmented_with_pings_in_between()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        var request = Encoding.UTF8.GetBytes(
            FeedClient.Request(await RestClient.ApprovalKeyAsync(server.RestUrl), "1", "H0UPCNT0", "0001"));

        await client.SendAsync(RawClient.Frame(RawClient.Text, request[..10], isFinal: false));
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "are you there"u8.ToArray()));
        await client.SendAsync(RawClient.Frame(0, request[10..11], isFinal: false));
        await client.SendAsync(RawClient.Frame(0, request[11..]));

        var pong = (await client.ReceiveAsync()).ShouldNotBeNull();
        pong.Opcode.ShouldBe(RawClient.Pong);
        pong.Payload.ShouldBe("are you there"u8.ToArray());
        var answer = (await client.ReceiveAsync()).ShouldNotBeNull();
        FeedClient.Parse(Encoding.UTF8.GetString(answer.Payload)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_long_request_is_accepted_and_one_over_the_limit_is_not()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        var request = FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001");

        (await client.AskAsync(request + new string(' ', 60_000))).IsSuccess.ShouldBeTrue();
        await client.SendAsync(new string(' ', 70_000));

        (await client.ReceiveAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);
    }

    [Fact]
    public async Task A_binary_request_is_accepted()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(
            FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"), WebSocketMessageType.Binary, endOfMessage: true);
        FeedClient.Parse(await client.ReceiveControlAsync()).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_protocol_violation_is_answered_with_a_close_frame()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync([0x81, 10, .. "not masked"u8]);
        var frames = await client.ReceiveAllAsync();
        frames.Count.ShouldBe(1);
        frames[0].Opcode.ShouldBe(RawClient.Close);
        frames[0].Payload[..2].ShouldBe([0x03, 0xEA], "1002, protocol error");
    }

    [Theory]
    [InlineData("", "426")]
    [InlineData("Connection: Upgrade\r\nUpgrade: h2c\r\n", "426")]
    [InlineData(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", "426")]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "400")]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n", "400")]
    public async Task An_invalid_handshake_is_not_upgraded(string headers, string status)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        var answer = await RawClient.AskAsync(server.RestUrl, $"GET /tryitout HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
    }

    [Fact]
    public async Task No_secret_is_logged_and_HTS_IDs_only_at_debug_level()
    {
        using var log = new RecordingLoggerFactory();
        var appKey = TestCredentials.NewAppKey();
        await using (var server = await SimulatorServer.StartAsync(s_quiet with { LoggerFactory = log, HtsId = "MySecretId" }))
        {
            await using var client = await FeedClient.ConnectAsync(
                server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));
            await client.RegisterAsync("H0IFCNI0", "MySecretId");
            await client.RegisterAsync("H0IFCNI0", "MySecretIt");
            await client.ReleaseAsync("H0IFCNI0", "MySecretId");
            await using var second = await FeedClient.ConnectAsync(server.WebSocketUrl, client.ApprovalKey);
            await second.RegisterAsync("H0UPCNT0", "0001");

            log.Entries.ShouldNotContain(entry => entry.Text.Contains(client.ApprovalKey));
        }

        // A refusal is logged after it is sent.
        log.Entries.ShouldContain(entry => entry.Text.Contains("OPSP0017"));
        log.Entries.ShouldContain(entry => entry.Text.Contains("OPSP8996"));
        log.Entries.ShouldNotContain(entry => entry.Text.Contains(appKey) || entry.Text.Contains(TestCredentials.AppSecret));
        log.Entries.Where(entry => entry.Text.Contains("MySecret"))
            .ShouldAllBe(entry => entry.Level <= Microsoft.Extensions.Logging.LogLevel.Debug);
    }
}
