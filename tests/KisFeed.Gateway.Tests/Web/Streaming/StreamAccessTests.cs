using System.Net;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>Who may have a stream of what, and what is asked for in vain.</summary>
public sealed class StreamAccessTests : IDisposable
{
    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Theory]
    [InlineData("", "nothingSubscribed")]
    [InlineData("subscribe=", "unknownFeed")]
    [InlineData("subscribe=index", "keyMissing")]
    [InlineData("subscribe=index:", "keyMissing")]
    [InlineData("subscribe=index:01", "badKey")]
    [InlineData("subscribe=index:0001,,", "unknownFeed")]
    [InlineData("subscribe=nothing:0001", "unknownFeed")]
    [InlineData("subscribe=H0STCNT0:005930", "unsupportedFeed")]
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
    public async Task What_cannot_be_is_refused_and_named(string query, string code)
    {
        await using var stage = await Stage.OpenAsync(isDown: true);

        var (status, body) = await AskAsync(stage, query);

        status.ShouldBe(HttpStatusCode.BadRequest, body);
        body.ShouldContain($"\"code\":\"{code}\"");
        stage.Gateway.Status.Registrations.ShouldBeEmpty();
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task An_id_may_be_given_in_one_header_alone()
    {
        await using var stage = await Stage.OpenAsync(isDown: true);

        var reply = await stage.GetAsync("/v1/stream?subscribe=index:0001", "Last-Event-ID: a-1", "Last-Event-ID: a-2");

        reply.Status.ShouldBe(400);
        reply.Code.ShouldBe("badParameter");
        stage.Gateway.Status.Registrations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(426, "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData(400, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")]
    [InlineData(400, "Sec-WebSocket-Version: 13", "X-Key: none")]
    public async Task A_bad_handshake_is_answered_before_anything_is_registered(int status, params string[] headers)
    {
        await using var stage = await Stage.OpenAsync();

        // Without Connection: close, which would leave no room for an upgrade.
        var lines = (string[])["GET /v1/stream?subscribe=index:0001 HTTP/1.1", $"Host: 127.0.0.1:{stage.Gateway.Port}", "Connection: Upgrade, close", "Upgrade: websocket", .. headers, "", ""];
        var reply = await stage.SendAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)));

        reply.Status.ShouldBe(status);
        reply.Code.ShouldBe("badHandshake");
        if (status == 426)
            reply.Headers.ShouldContain(h => h.Key == "Sec-WebSocket-Version" && h.Value == "13");
        stage.Simulator.Statistics.Registrations.ShouldBe(0);
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task Credentials_are_taken_in_each_of_the_three_ways()
    {
        await _household.AddAsync("anna");
        await using var stage = await OpenAsync();
        var approval = await _household.ApprovalKeyAsync(stage, "anna");
        var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_household["anna"].AppKey}:{_household["anna"].AppSecret}"));

        await using var basic = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001", ("Authorization", $"Basic {pair}"));
        await using var bearer = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001", ("Authorization", $"Bearer {approval}"));
        await using var address = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&approval_key={approval}");
        await using var socket = await SocketClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&approval_key={approval}");

        await basic.UntilAsync(e => e.IsRecord);
        await bearer.UntilAsync(e => e.IsRecord);
        await address.UntilAsync(e => e.IsRecord);
        await socket.UntilAsync("record");
        stage.Gateway.Accounts.All.ShouldHaveSingleItem().Usage.Connections.ShouldBe(4);
        (await AskAsync(stage, "subscribe=index:0001")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(stage, "subscribe=index:0001&approval_key=nobody")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_page_of_another_origin_gets_neither_kind_of_stream()
    {
        await using var stage = await Stage.OpenAsync();

        (await AskAsync(stage, "subscribe=index:0001", ("Origin", "https://elsewhere.example"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(() => SocketClient.OpenAsync(stage.Gateway, "subscribe=index:0001", "https://elsewhere.example"));
        await using var own = await SocketClient.OpenAsync(stage.Gateway, "subscribe=index:0001", stage.Gateway.RestUrl.GetLeftPart(UriPartial.Authority));
        await own.UntilAsync("record");
        stage.Gateway.Refusals.Of(RefusalReason.Origin).ShouldBe(2);
    }

    [Fact]
    public async Task Notices_come_to_those_who_may_have_them_and_to_nobody_else()
    {
        await _household.AddAsync("parent", notices: true);
        await _household.AddAsync("child");
        await using var stage = await OpenAsync();
        var (parent, child) = (await _household.ApprovalKeyAsync(stage, "parent"), await _household.ApprovalKeyAsync(stage, "child"));
        await using var boris = await SseClient.OpenAsync(stage.Gateway, $"subscribe=notice:boris&approval_key={parent}");
        await using var notices = await SseClient.OpenAsync(stage.Gateway, $"subscribe=notice:Anna,index:0001&approval_key={parent}");
        await using var without = await SocketClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&approval_key={child}");

        var (status, body) = await AskAsync(stage, $"subscribe=index:0001,notice:Anna&approval_key={child}");
        status.ShouldBe(HttpStatusCode.Forbidden);
        body.ShouldContain("feedNotAllowed");
        body.ShouldNotContain("Anna");
        await without.SendAsync("""{"subscribe":["notice:Anna"]}""");
        (await without.UntilAsync("refused")).Body.GetProperty("reason").GetString()!.ShouldContain("no right");
        for (var i = 0; i < 10; i++)
        {
            (await notices.UntilAsync(e => e.IsRecord && e.Key == "Anna")).Json.GetProperty("customerId").GetString().ShouldBe("Anna");
            (await boris.UntilAsync(e => e.IsRecord)).Json.GetProperty("customerId").GetString().ShouldBe("boris");
            (await without.NextAsync("record")).Json.GetProperty("trId").GetString().ShouldBe(Stage.Index);
        }

        stage.Gateway.Refusals.Of(RefusalReason.Rights).ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_removed_has_its_streams_ended_and_who_is_restricted_loses_what_it_may_not_have()
    {
        await _household.AddAsync("gone");
        await _household.AddAsync("less", notices: true);
        await using var stage = await OpenAsync();
        await using var gone = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&approval_key={await _household.ApprovalKeyAsync(stage, "gone")}");
        var approval = await _household.ApprovalKeyAsync(stage, "less");
        await using var less = await SseClient.OpenAsync(stage.Gateway, $"subscribe=notice:Anna,index:0001&approval_key={approval}");
        await using var alone = await SseClient.OpenAsync(stage.Gateway, $"subscribe=notice:Anna&approval_key={approval}");
        await less.UntilAsync(e => e.IsRecord && e.Key == "Anna");

        await _household.RemoveAsync("gone");
        await _household.AddAsync("less");
        stage.Gateway.ReloadConsumers();

        var end = (await gone.RestAsync())[^1];
        end.Kind.ShouldBe("end");
        end.Body.GetProperty("reason").GetString()!.ShouldContain("may no longer use");
        (await less.UntilAsync(e => e.Kind == "refused")).Key.ShouldBe("Anna");
        for (var i = 0; i < 20; i++)
            (await less.NextAsync("record")).Key.ShouldBe("0001");
        (await alone.RestAsync()).TakeLast(2).Select(e => e.Kind).ShouldBe(["refused", "end"]);
    }

    [Fact]
    public async Task A_key_for_which_there_is_no_place_is_refused_and_the_others_come()
    {
        await using var stage = await Stage.OpenAsync(upstream: options => options with { MaxRegistrations = 1 });
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        await stream.UntilAsync(e => e.IsRecord);

        var (status, body) = await AskAsync(stage, "subscribe=index:1001");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.ShouldContain("OPSP0008");
        await using var both = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001");
        var refused = await both.UntilAsync(e => e.Kind == "refused");
        refused.Key.ShouldBe("1001");
        refused.Body.GetProperty("code").GetString().ShouldBe("OPSP0008");
        await both.UntilAsync(e => e.IsRecord);
        stage.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_that_upstream_refuses_late_is_lost_with_a_word_and_the_others_stay()
    {
        await using var stage = await Stage.OpenAsync(isDown: true);
        await using var both = await SseClient.OpenAsync(stage.Gateway, "subscribe=notice:boris,index:0001");
        await using var alone = await SseClient.OpenAsync(stage.Gateway, "subscribe=notice:boris");

        await stage.RestartAsync(new SimulatorOptions { Rate = 200, HtsId = "anna" });

        var refused = await both.UntilAsync(e => e.Kind == "refused");
        refused.Body.GetProperty("code").GetString().ShouldBe("OPSP0017");
        refused.Key.ShouldBe("boris");
        await both.UntilAsync(e => e.IsRecord);
        (await alone.RestAsync()).TakeLast(2).Select(e => e.Kind).ShouldBe(["refused", "end"]);
        stage.Gateway.Status.StreamKeysLost.ShouldBe(2);
        stage.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(1);
    }

    [Fact]
    public async Task Connections_and_registrations_are_held_to_the_limits_of_the_consumer()
    {
        await _household.AddAsync("anna");
        await using var stage = await OpenAsync(options => options with { Limits = ConsumerLimits.Default with { MaxConnections = 1, MaxRegistrations = 2 } });
        var approval = await _household.ApprovalKeyAsync(stage, "anna");
        await using var stream = await SocketClient.OpenAsync(stage.Gateway, $"subscribe=index:0001,index:1001&approval_key={approval}");

        (await AskAsync(stage, $"subscribe=index:0001&approval_key={approval}")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        await stream.SendAsync("""{"subscribe":["index:2001"]}""");
        (await stream.UntilAsync("refused")).Body.GetProperty("code").GetString().ShouldBe("OPSP0008");
        await stream.SendAsync("""{"unsubscribe":["index:0001"],"subscribe":["index:2001"]}""");
        (await stream.UntilAsync("subscribed")).Key.ShouldBe("2001");
    }

    [Fact]
    public async Task What_cannot_be_read_comes_as_an_item_with_what_was_received()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 200, Faults = SimulatorFaults.None with { BadUtf8 = 0.2 } });
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001");

        var malformed = await stream.UntilAsync(e => e.Kind == "malformed");
        var next = await stream.UntilAsync(e => e.Kind == "malformed");

        malformed.Json.GetProperty("kind").GetString().ShouldBe("invalidUtf8");
        malformed.Json.GetProperty("rawBase64").GetString().ShouldNotBeNullOrEmpty();
        malformed.Json.GetProperty("trId").GetString().ShouldBe(Stage.Index);
        next.Json.GetProperty("rawBase64").ValueEquals(malformed.Json.GetProperty("rawBase64").GetString()).ShouldBeFalse("each is told once, however many keys the stream has of the feed");
        await stream.UntilAsync(e => e.IsRecord);
    }

    [Fact]
    public async Task Streams_end_and_no_new_ones_begin_when_upstream_is_lost_for_good()
    {
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Rate = 200, AppSecret = new string('a', 180) }, upstream: options => options with { AppSecret = new string('a', 180) });
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        await using var socket = await SocketClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        await using var idle = await SocketClient.OpenAsync(stage.Gateway, "");
        await stream.UntilAsync(e => e.IsRecord);

        await stage.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        var rest = await stream.RestAsync();
        rest[^1].Body.GetProperty("reason").GetString()!.ShouldStartWith("upstream failed permanently");
        rest.ShouldNotContain(e => e.Kind == "refused");
        (await socket.UntilAsync("end")).Body.GetProperty("reason").GetString()!.ShouldStartWith("upstream failed permanently");
        (await socket.NextAsync()).ShouldBeNull();
        socket.Socket.CloseStatus.ShouldBe(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable);
        (await idle.NextAsync("end")).Body.GetProperty("reason").GetString()!.ShouldStartWith("upstream failed permanently");
        (await AskAsync(stage, "subscribe=index:0001")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(Stage stage, string query, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { Timeout = Patience.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(stage.Gateway.RestUrl, $"/v1/stream?{query}"));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) => Stage.OpenAsync(
        new SimulatorOptions { Rate = 200 }, options => with?.Invoke(options with { TokenFile = _household.TokenFile }) ?? options with { TokenFile = _household.TokenFile });
}
