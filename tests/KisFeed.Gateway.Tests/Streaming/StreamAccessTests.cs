using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Access to streams and refused requests.</summary>
public sealed class StreamAccessTests(SharedGateway shared) : IClassFixture<SharedGateway>, IDisposable
{
    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Theory]
    [InlineData("", "nothingSubscribed")]
    [InlineData("subscribe=", "unknownFeed")]
    [InlineData("subscribe=index", "keyMissing")]
    [InlineData("subscribe=index:", "keyMissing")]
    [InlineData("subscribe=index:01", "badKey")]
    [InlineData("subscribe=index:0001,,", "unknownFeed")]
    [InlineData("subscribe=nothing:0001", "unknownFeed")]
    [InlineData("subscribe=H0STXXX0:005930", "unknownFeed")]
    [InlineData("subscribe=index:0001&names=korean", "badParameter")]
    [InlineData("subscribe=index:0001&snapshot=perhaps", "badParameter")]
    [InlineData("subscribe=index:0001&overflow=drop", "badParameter")]
    [InlineData("subscribe=index:0001&queue=0", "badParameter")]
    [InlineData("subscribe=index:0001&queue=65537", "badParameter")]
    [InlineData("subscribe=index:0001&queue=x", "badParameter")]
    [InlineData("subscribe=index:0001&queue=1&queue=2", "badParameter")]
    [InlineData("subscribe=index:0001&queue=10%00", "badParameter")]
    [InlineData("subscribe=index:0001&last_event_id=a-1&last_event_id=a-2", "badParameter")]
    [InlineData("subscribe=index:0001&colour=red", "unknownParameter")]
    [InlineData("symbols=index:0001", "unknownParameter")]
    public async Task Invalid_parameters_are_refused_and_named(string query, string code)
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync($"/v1/stream?{query}")).ShouldBeProblem(400, code);

        testGateway.Status.Registrations.ShouldBeEmpty();
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task An_id_may_be_in_only_one_header()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001", "Last-Event-ID: a-1", "Last-Event-ID: a-2"))
            .ShouldBeProblem(400, "badParameter");
        testGateway.Status.Registrations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(426, "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData(400, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")]
    [InlineData(400, "Sec-WebSocket-Version: 13", "X-Key: none")]
    public async Task A_bad_handshake_is_answered_before_anything_is_registered(int status, params string[] headers)
    {
        var testGateway = shared.BeginTest();

        // Without "Connection: close", which excludes an upgrade.
        var lines = (string[])["GET /v1/stream?subscribe=index:0001 HTTP/1.1", "Host: "
            + $"127.0.0.1:{testGateway.Gateway.Port}", "Connection: Upgrade, close", "Upgrade: websocket", .. headers, "", ""];
        var reply = await testGateway.SendAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));

        reply.ShouldBeProblem(status, "badHandshake");
        if (status == 426)
            reply.Headers.ShouldContain(h => h.Key == "Sec-WebSocket-Version" && h.Value == "13");
        testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task Credentials_are_accepted_in_three_ways()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await OpenAsync();
        var approval = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");

        await using var basic = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001", _testConsumers.Basic("anna"));
        await using var bearer = await SseClient.OpenAsync(
            testGateway.Gateway, "subscribe=index:0001", $"Authorization: Bearer {approval}");
        await using var address = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&approval_key={approval}");
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&approval_key={approval}");

        await basic.UntilAsync("record");
        await bearer.UntilAsync("record");
        await address.UntilAsync("record");
        await socket.UntilAsync("record");
        testGateway.Gateway.Accounts.All.ShouldHaveSingleItem().Usage.Connections.ShouldBe(4);
        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001")).Status.ShouldBe(401);
        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001&approval_key=unknown")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_foreign_origin_gets_neither_kind_of_stream()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001", "Origin: https://elsewhere.example")).Status.ShouldBe(403);
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(
            () => SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001", "https://elsewhere.example"));
        await using var own = await SocketClient.OpenAsync(
            testGateway.Gateway, "subscribe=index:0001", testGateway.Gateway.RestUrl.GetLeftPart(UriPartial.Authority));
        await own.UntilAsync("record");
        testGateway.Refused(AccessRefusalReason.Origin).ShouldBe(2);
    }

    [Fact]
    public async Task Notices_are_sent_only_to_consumers_with_the_right()
    {
        await _testConsumers.AddAsync("parent", notices: true);
        await _testConsumers.AddAsync("child");
        await using var testGateway = await OpenAsync();
        var (parent, child) =
            (await _testConsumers.ApprovalKeyAsync(testGateway, "parent"), await _testConsumers.ApprovalKeyAsync(testGateway, "child"));
        await using var boris = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=notice:boris&approval_key={parent}");
        await using var notices = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=notice:Anna,index:0001&approval_key={parent}");
        await using var without = await SocketClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&approval_key={child}");

        var refusal = await testGateway.GetAsync($"/v1/stream?subscribe=index:0001,notice:Anna&approval_key={child}");
        refusal.ShouldBeProblem(403, "feedNotAllowed");
        refusal.Body.ShouldNotContain("Anna");
        await without.SendAsync("""{"subscribe":["notice:Anna"]}""");
        (await without.UntilAsync("refused")).Text("reason")!.ShouldContain("no right");
        for (var i = 0; i < 10; i++)
        {
            (await notices.UntilAsync(e => e.IsRecord && e.Key == "Anna")).Json.GetProperty("customerId").GetString().ShouldBe("Anna");
            (await boris.UntilAsync("record")).Json.GetProperty("customerId").GetString().ShouldBe("boris");
            (await without.NextAsync("record")).Json.GetProperty("trId").GetString().ShouldBe(TestGateway.Index);
        }

        testGateway.Refused(AccessRefusalReason.Rights).ShouldBe(1);
    }

    [Fact]
    public async Task Removed_consumers_lose_their_streams_and_restricted_ones_the_affected_keys()
    {
        await _testConsumers.AddAsync("gone");
        await _testConsumers.AddAsync("less", notices: true);
        await using var testGateway = await OpenAsync();
        await using var gone = await SseClient.OpenAsync(
            testGateway.Gateway, $"subscribe=index:0001&approval_key={await _testConsumers.ApprovalKeyAsync(testGateway, "gone")}");
        var approval = await _testConsumers.ApprovalKeyAsync(testGateway, "less");
        await using var less = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=notice:Anna,index:0001&approval_key={approval}");
        await using var alone = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=notice:Anna&approval_key={approval}");
        await less.UntilAsync(e => e.IsRecord && e.Key == "Anna");

        await _testConsumers.RemoveAsync("gone");
        await _testConsumers.AddAsync("less");
        testGateway.Gateway.ReloadConsumers();

        (await gone.UntilAsync("end")).Text("reason")!.ShouldContain("may no longer use");
        (await gone.NextAsync()).ShouldBeNull();
        (await less.UntilAsync("refused")).Key.ShouldBe("Anna");
        for (var i = 0; i < 20; i++)
            (await less.NextAsync("record")).Key.ShouldBe("0001");
        (await alone.ReadAllRemainingAsync()).TakeLast(2).Select(e => e.Kind).ShouldBe(["refused", "end"]);
    }

    [Fact]
    public async Task A_key_without_a_slot_is_refused_and_the_others_are_delivered()
    {
        await using var testGateway = await TestGateway.OpenAsync(upstream: options => options with { MaxRegistrations = 1 });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await stream.UntilAsync("record");

        var refusal = await testGateway.GetAsync("/v1/stream?subscribe=index:1001");
        refusal.Status.ShouldBe(503);
        refusal.Body.ShouldContain("OPSP0008");
        await using var both = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001");
        var refused = await both.UntilAsync("refused");
        refused.Key.ShouldBe("1001");
        refused.Text("code").ShouldBe("OPSP0008");
        await both.UntilAsync("record");
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(2);
    }

    [Fact]
    public async Task A_late_refusal_ends_the_key_with_a_reason_and_the_others_stay()
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var both = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=notice:boris,index:0001");
        await using var alone = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=notice:boris");

        await testGateway.RestartAsync(new SimulatorOptions { Rate = 200, HtsId = "anna" });

        var refused = await both.UntilAsync("refused");
        refused.Text("code").ShouldBe("OPSP0017");
        refused.Key.ShouldBe("boris");
        await both.UntilAsync("record");
        (await alone.ReadAllRemainingAsync()).TakeLast(2).Select(e => e.Kind).ShouldBe(["refused", "end"]);
        testGateway.Status.Totals.StreamKeysLost.ShouldBe(2);
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(1);
    }

    [Fact]
    public async Task Connections_and_registrations_respect_the_limits_of_the_consumer()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await OpenAsync(
            options => options with { Limits = ConsumerLimits.Default with { MaxConnections = 1, MaxRegistrations = 2 } });
        var approval = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");
        await using var stream = await SocketClient.OpenAsync(
            testGateway.Gateway, $"subscribe=index:0001,index:1001&approval_key={approval}");

        (await testGateway.GetAsync($"/v1/stream?subscribe=index:0001&approval_key={approval}")).Status.ShouldBe(429);
        await stream.SendAsync("""{"subscribe":["index:2001"]}""");
        (await stream.UntilAsync("refused")).Text("code").ShouldBe("OPSP0008");
        await stream.SendAsync("""{"unsubscribe":["index:0001"],"subscribe":["index:2001"]}""");
        (await stream.UntilAsync("subscribed")).Key.ShouldBe("2001");
    }

    [Fact]
    public async Task An_unreadable_frame_is_an_item_with_the_received_text()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, Faults = SimulatorFaults.None with { BadUtf8 = 0.2 } });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001");

        var malformed = await stream.UntilAsync("malformed");
        var next = await stream.UntilAsync("malformed");

        malformed.Json.ShouldHave("""{"kind":"invalidUtf8","trId":"H0UPCNT0"}""");
        malformed.Json.GetProperty("rawBase64").GetString().ShouldNotBeNullOrEmpty();
        next.Json.GetProperty("rawBase64").ValueEquals(malformed.Json.GetProperty("rawBase64").GetString())
            .ShouldBeFalse("each is sent once, regardless of the number of keys of the feed");
        await stream.UntilAsync("record");
    }

    [Fact]
    public async Task Streams_end_and_new_ones_are_refused_when_upstream_fails_permanently()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, AppSecret = new string('a', 180) },
            upstream: options => options with { AppSecret = new string('a', 180) });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var idle = await SocketClient.OpenAsync(testGateway.Gateway, "");
        await stream.UntilAsync("record");

        await testGateway.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        var rest = await stream.ReadAllRemainingAsync();
        rest[^1].Text("reason")!.ShouldStartWith("upstream failed permanently");
        rest.ShouldNotContain(e => e.Kind == "refused");
        (await socket.UntilAsync("end")).Text("reason")!.ShouldStartWith("upstream failed permanently");
        (await socket.NextAsync()).ShouldBeNull();
        socket.Socket.CloseStatus.ShouldBe(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable);
        (await idle.NextAsync("end")).Text("reason")!.ShouldStartWith("upstream failed permanently");
        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001")).Status.ShouldBe(503);
    }

    private Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) =>
        TestGateway.OpenAsync(with: with, consumers: _testConsumers);
}
