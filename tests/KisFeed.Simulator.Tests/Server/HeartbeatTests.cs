namespace KisFeed.Simulator.Tests.Server;

public sealed class HeartbeatTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(7);

    private readonly ManualTimeProvider _time = new();

    // At most one tick in thirty years, so that only heartbeats are sent.
    private SimulatorOptions Options =>
        new() { TimeProvider = _time, HeartbeatInterval = s_interval, HeartbeatTimeout = s_timeout, Rate = 1e-9 };

    [Fact]
    public async Task A_heartbeat_has_the_time_in_Korea_and_is_sent_after_the_interval()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");
        _time.Advance(s_interval);
        (await client.ReceiveControlAsync()).ShouldBe("""{"header":{"tr_id":"PINGPONG","datetime":"20261120093011"}}""");
    }

    [Fact]
    public async Task An_echo_keeps_the_session_and_the_next_heartbeat_follows_an_interval_later()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(s_interval);
            var heartbeat = await client.ReceiveControlAsync();
            _time.Advance(s_timeout - TimeSpan.FromSeconds(1));
            await client.SendAsync(heartbeat);
            await _time.TimerDueInAsync(s_interval);
        }

        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
    }

    // All forms of answers sent by published clients.
    [Theory]
    [InlineData(RawClient.Text, "{0}")]
    [InlineData(RawClient.Binary, "{0}")]
    [InlineData(RawClient.Pong, "{0}")]
    [InlineData(RawClient.Ping, "{0}")]
    [InlineData(RawClient.Text, """{"header": {"tr_id": "PINGPONG", "datetime": "20261120093011"}}""")]
    [InlineData(RawClient.Pong, """{"header": {"tr_id": "PINGPONG", "datetime": "20261120093011"}}""")]
    [InlineData(RawClient.Text, """{"header":{"datetime":"20261120093011","tr_id":"PINGPONG"}}""")]
    [InlineData(RawClient.Text, """{"header":{"tr_id":"PINGPONG"}}""")]
    [InlineData(RawClient.Pong, """{"tr_id":"PINGPONG"}""")]
    [InlineData(RawClient.Pong, "")]
    [InlineData(RawClient.Text, "\n{\n  \"header\": {\n    \"tr_id\": \"PINGPONG\"\n  }\n}\n")]
    public async Task An_answer_is_recognized_by_its_meaning(byte opcode, string form)
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(s_interval);
            var heartbeat = (await client.ReceiveAsync()).ShouldNotBeNull();
            heartbeat.Opcode.ShouldBe(RawClient.Text);
            var answer = form.Replace("{0}", Encoding.UTF8.GetString(heartbeat.Payload), StringComparison.Ordinal);
            await client.SendAsync(RawClient.Frame(opcode, Encoding.UTF8.GetBytes(answer)));
            if (opcode == RawClient.Ping)
                (await client.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
            await _time.TimerDueInAsync(s_interval);
        }
    }

    [Theory]
    [InlineData("PINGPONG")]
    [InlineData("""{"header":{"tr_id":"PINGPONG""")]
    [InlineData("""{"header":{"datetime":"PINGPONG"}}""")]
    [InlineData("""{"body":{"input":{"tr_id":"PINGPONG"}}}""")]
    [InlineData("""["tr_id","PINGPONG"]""")]
    [InlineData("""{"\ud800":"PINGPONG"}""")]
    [InlineData("""{"tr_id":"\ud800","x":"PINGPONG"}""")]
    public async Task Other_messages_are_refused_and_are_not_answers(string message)
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");
        _time.Advance(s_interval);
        await client.ReceiveControlAsync();

        (await client.AskAsync(message)).IsSuccess.ShouldBeFalse();
        await _time.AdvancePastAsync(s_timeout, s_timeout);

        (await client.ReceiveAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_client_that_answers_in_several_forms_is_accepted()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        _time.Advance(s_interval);
        var heartbeat = (await client.ReceiveAsync()).ShouldNotBeNull().Payload;

        await client.SendAsync(RawClient.Frame(RawClient.Text, heartbeat));
        await client.SendAsync(RawClient.Frame(RawClient.Pong, heartbeat));
        await client.SendAsync(RawClient.Frame(RawClient.Text, heartbeat));
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "still here"u8.ToArray()));

        (await client.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
    }

    [Fact]
    public async Task A_repeated_answer_is_accepted()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");
        _time.Advance(s_interval);
        var heartbeat = await client.ReceiveControlAsync();

        await client.SendAsync(heartbeat);
        await client.SendAsync(heartbeat);

        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Heartbeats_can_be_disabled()
    {
        await using var server = await SimulatorServer.StartAsync(Options with { HeartbeatInterval = Timeout.InfiniteTimeSpan });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        _time.Advance(TimeSpan.FromDays(1));

        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Answers_can_be_optional()
    {
        await using var server = await SimulatorServer.StartAsync(Options with { HeartbeatTimeout = Timeout.InfiniteTimeSpan });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(s_interval);
            (await client.ReceiveControlAsync()).ShouldContain("PINGPONG");
        }

        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Unsolicited_pongs_can_be_allowed()
    {
        await using var server = await SimulatorServer.StartAsync(Options with { AllowUnsolicitedPongs = true });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");

        await client.SendAsync(RawClient.Frame(RawClient.Pong, []));
        await client.SendAsync(RawClient.Frame(RawClient.Pong, "keep-alive"u8.ToArray()));
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "still here"u8.ToArray()));

        (await client.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
    }

    [Fact]
    public async Task A_client_that_does_not_answer_is_closed_and_its_app_key_released()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(Options with { LoggerFactory = log });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");
        _time.Advance(s_interval);
        await client.ReceiveControlAsync();
        _time.Advance(s_timeout - TimeSpan.FromTicks(1));
        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();

        await _time.AdvancePastAsync(TimeSpan.FromTicks(1), s_timeout);

        (await client.ReceiveAsync()).ShouldBeNull();
        await client.CloseAsync();
        await log.EventAsync("SessionEnded");
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, client.ApprovalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task The_app_key_of_a_client_that_does_not_answer_is_free_at_once()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(Options with { LoggerFactory = log });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        _time.Advance(s_interval);
        await _time.AdvancePastAsync(s_timeout, s_timeout);

        // The client does not read its close frame, and no more time passes.
        await log.EventAsync("SessionEnded");
        await using var next = await RawClient.ConnectAsync(server.WebSocketUrl);
        (await next.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001")).ShouldContain("SUBSCRIBE SUCCESS");
    }

    [Fact]
    public async Task A_client_that_ignores_the_close_frame_is_disconnected()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        _time.Advance(s_interval);
        await _time.AdvancePastAsync(s_timeout, s_timeout);
        var frames = await client.ReceiveAllAsync();
        frames.Select(frame => frame.Opcode).ShouldBe([RawClient.Text, RawClient.Close]);
    }

    [Theory]
    [InlineData("", 0, "an empty pong frame while no heartbeat waits for an answer")]
    [InlineData("keep-alive", 0, "a pong frame of 10 bytes that does not name PINGPONG")]
    [InlineData("keep-alive", 1, "a pong frame of 10 bytes that does not name PINGPONG")]
    public async Task An_unsolicited_pong_ends_the_connection_without_a_close_frame(string payload, int heartbeats, string reason)
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(Options with { LoggerFactory = log });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        for (var i = 0; i < heartbeats; i++)
        {
            _time.Advance(s_interval);
            (await client.ReceiveAsync()).ShouldNotBeNull();
        }

        await client.SendAsync(RawClient.Frame(RawClient.Pong, Encoding.UTF8.GetBytes(payload)));

        (await client.ReceiveAsync()).ShouldBeNull();
        log.Messages.ShouldContain(message => message.Text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keep_alive_of_ClientWebSocket_ends_the_connection()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.FromMilliseconds(50);
        await socket.ConnectAsync(new Uri(server.WebSocketUrl, "/tryitout"), CancellationToken.None);
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(
            () => socket.ReceiveAsync(new byte[100], CancellationToken.None).WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task An_unsolicited_pong_is_detected_however_its_bytes_are_split()
    {
        await using var server = await SimulatorServer.StartAsync(Options);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        foreach (var part in RawClient.Frame(RawClient.Pong, "x"u8.ToArray()))
            await client.SendAsync([part]);
        (await client.ReceiveAsync()).ShouldBeNull();
    }
}
