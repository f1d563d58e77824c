using System.Net.WebSockets;
using System.Text;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Streams over a WebSocket, whose keys can be changed.</summary>
public sealed class SocketStreamTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Messages_are_the_JSON_of_the_events()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var sse = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        (await socket.NextAsync("subscribed")).Json.GetRawText().ShouldBe((await sse.NextAsync("subscribed")).Json.GetRawText());
        for (var i = 0; i < 50; i++)
        {
            var item = await socket.NextAsync("record");
            (await sse.UntilAsync(e => e.IsRecord && e.Number >= item.Number)).Json.GetRawText().ShouldBe(item.Json.GetRawText());
        }

        await socket.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await socket.ReadAllRemainingAsync();
        socket.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        await testGateway.Log.EventAsync("RegisteredUpstream");
        testGateway.Status.Totals.StreamsOpened.ShouldBe(2);
    }

    [Fact]
    public async Task Keys_can_be_subscribed_and_unsubscribed_at_any_time()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "names=kis");

        await socket.SendAsync("""{"subscribe":["index:0001","INDEX:1001"]}""");
        (await socket.NextAsync("subscribed")).Json.GetRawText()
            .ShouldBe("""{"subscribed":{"tr_id":"H0UPCNT0","tr_key":"0001","registered":true}}""");
        await socket.NextAsync("subscribed");
        await socket.NextAsync("record");
        await socket.SendAsync("""{"unsubscribe":["index:0001"]}""");
        (await socket.UntilAsync("unsubscribed")).Text("tr_key").ShouldBe("0001");
        for (var i = 0; i < 20; i++)
            (await socket.NextAsync("record")).Json.GetProperty("tr_key").GetString().ShouldBe("1001");
        await socket.SendAsync("""{"subscribe":["index:1001"]}""");
        (await socket.UntilAsync("subscribed")).Text("tr_key")
            .ShouldBe("1001", "a repeated subscription is confirmed");
        await socket.SendAsync("""{"unsubscribe":["index:0001"]}""");
        (await socket.UntilAsync("refused")).Text("reason").ShouldBe("the stream is not subscribed to this key");
        testGateway.Status.Registrations.Single(r => r.Key == "1001").Consumers.ShouldBe(1);
        testGateway.Status.Registrations.Single(r => r.Key == "0001").Consumers.ShouldBe(0);
    }

    [Theory]
    [InlineData("page=1", 600)]
    [InlineData("page=0", 30)]
    public async Task The_keys_of_a_closed_page_stay_registered_longer(string parameter, int seconds)
    {
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(seconds);
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with
        {
            TimeProvider = time,
            ReleaseGrace = TimeSpan.FromSeconds(30),
            PageGrace = TimeSpan.FromMinutes(10),
            MinimumHold = TimeSpan.Zero,
        });
        await using (var socket = await SocketClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&{parameter}"))
            await socket.NextAsync("subscribed");

        await time.TimerDueInAsync(grace);
        time.Advance(grace - TimeSpan.FromTicks(1));
        testGateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeTrue();
        time.Advance(TimeSpan.FromTicks(1));
        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
    }

    [Fact]
    public async Task Keys_subscribed_later_get_a_snapshot_too()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var early = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await early.UntilAsync("record");
        await using var late = await SocketClient.OpenAsync(testGateway.Gateway, "snapshot=1");
        await using var plain = await SocketClient.OpenAsync(testGateway.Gateway, "snapshot=0");

        await late.SendAsync("""{"subscribe":["index:0001"]}""");
        await late.NextAsync("subscribed");
        (await late.NextAsync("record")).Json.GetProperty("snapshot").GetBoolean().ShouldBeTrue();
        (await late.NextAsync("record")).Json.TryGetProperty("snapshot", out _).ShouldBeFalse("only the last record is a snapshot");
        await plain.SendAsync("""{"subscribe":["index:0001"]}""");
        await plain.NextAsync("subscribed");
        (await plain.NextAsync("record")).Json.TryGetProperty("snapshot", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"subscribe":["nothing:0001"]}""", "is not a feed")]
    [InlineData("""{"subscribe":["index"]}""", "needs a key")]
    [InlineData("""{"subscribe":["index:abc"]}""", "not a valid key")]
    [InlineData("""{"subscribe":"index:0001"}""", "invalid message")]
    [InlineData("""{"subscribe":[1]}""", "invalid message")]
    [InlineData("""{"subscribe":["\ud800"]}""", "invalid message")]
    [InlineData("""{"buy":["index:0001"]}""", "invalid message")]
    [InlineData("""{"\ud800":["x"]}""", "invalid message")]
    [InlineData("""{"subscribe":["index:0001"],"subscribe":["index:1001"]}""", "invalid message")]
    [InlineData("{}", "invalid message")]
    [InlineData("[]", "invalid message")]
    [InlineData("hello", "invalid message")]
    public async Task Invalid_messages_are_answered_without_consequences(string message, string expected)
    {
        await using var socket = await SocketClient.OpenAsync(shared.BeginTest().Gateway, "subscribe=index:0001");

        await socket.SendAsync(message);

        (await socket.UntilAsync("refused")).Text("reason")!.ShouldContain(expected);
        await socket.UntilAsync("record");
    }

    [Fact]
    public async Task A_ping_is_answered_in_order()
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var raw = await RawClient.ConnectAsync(new Uri(testGateway.Url, "/v1/stream"));
        await raw.SendAsync(RawClient.Frame(RawClient.Ping, "are you there"u8.ToArray()));

        var (opcode, payload) = (await raw.ReceiveAsync()).ShouldNotBeNull();
        (opcode, Encoding.UTF8.GetString(payload)).ShouldBe((RawClient.Pong, "are you there"));
    }

    [Theory]
    [InlineData(0xC1, "x", WebSocketCloseStatus.ProtocolError)]
    [InlineData(0x81, "\u00ff", WebSocketCloseStatus.InvalidPayloadData)]
    public async Task A_protocol_violation_is_answered_with_one_close_frame(byte head, string latin, WebSocketCloseStatus expected)
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        for (var i = 0; i < 20; i++)
        {
            await using var raw = await RawClient.ConnectAsync(new Uri(testGateway.Url, "/v1/stream"));
            var frame = RawClient.Frame(RawClient.Text, Encoding.Latin1.GetBytes(latin));
            frame[0] = head;
            await raw.SendAsync(frame);

            var (opcode, payload) = (await raw.ReceiveAllAsync()).ShouldHaveSingleItem();
            opcode.ShouldBe(RawClient.Close);
            payload[..2].ShouldBe([(byte)((int)expected >> 8), (byte)expected]);
        }
    }

    [Fact]
    public async Task A_message_that_is_too_long_ends_only_its_stream()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var other = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        await socket.SendAsync(new string(' ', 20_000));

        (await socket.UntilAsync("end")).Text("reason").ShouldBe("the message is too long");
        (await socket.NextAsync()).ShouldBeNull();
        socket.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);
        await other.UntilAsync("record");
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.RefusedBy(ConsumerLimit.MessageBytes).ShouldBe(1);
    }

    [Fact]
    public async Task A_binary_message_ends_the_stream()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        await socket.Socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        await socket.UntilAsync("end");
        (await socket.NextAsync()).ShouldBeNull();
        socket.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.InvalidMessageType);
    }

    [Fact]
    public async Task Stopping_ends_every_stream_with_a_reason()
    {
        var testGateway = await TestGateway.OpenAsync();
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var sse = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        var stopping = testGateway.Gateway.StopAsync();

        (await socket.UntilAsync("end")).Text("reason").ShouldBe("the gateway stops");
        (await socket.NextAsync()).ShouldBeNull();
        socket.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await socket.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        (await sse.ReadAllRemainingAsync())[^1].Kind.ShouldBe("end");
        await stopping.WaitAsync(Patience.Limit);
        testGateway.Status.Totals.Streams.ShouldBe(0);
        await testGateway.DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_requests_in_a_loop_is_throttled_and_gets_every_answer()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(isDown: true, with: options => options with { TimeProvider = time });
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "");
        const int Asked = 5_000;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Asked; i++)
                await socket.SendAsync("x");
        });

        var answers = 0;
        while (answers < Asked)
        {
            var next = socket.NextAsync();
            while (!next.IsCompleted)
            {
                if (ThrottledRequests(testGateway) > 0)
                    time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            if ((await next).ShouldNotBeNull().Kind == "refused")
                answers++;
        }

        await sending;
        ThrottledRequests(testGateway).ShouldBeGreaterThan(0);
    }

    private static long ThrottledRequests(TestGateway testGateway) =>
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.RefusedBy(ConsumerLimit.Requests);
}
