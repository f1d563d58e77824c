using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The pages of the HTTP interface.</summary>
public sealed class PageTests(SharedGateway shared) : IClassFixture<SharedGateway>, IDisposable
{
    private const string Bond = "H0BJCNT0";
    private const string Notices = "H0IFCNI0";

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task The_last_record_is_available_from_the_first_frame_until_the_release()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { TimeProvider = time, ReleaseGrace = TimeSpan.FromSeconds(31) });
        (await testGateway.GetAsync("/v1/last/index/0001")).Code.ShouldBe("notRegistered");
        testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
        var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        var english = (await testGateway.GetAsync("/v1/last/index/0001")).Json;
        var kis = (await testGateway.GetAsync("/v1/last/h0upcnt0/0001?names=kis")).Json;

        english.ShouldHave("""{"trId":"H0UPCNT0","key":"0001"}""");
        english.GetProperty("receivedAt").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.FromHours(9));
        english.TryGetProperty("interruption", out _).ShouldBeFalse();
        kis.GetProperty("tr_key").GetString().ShouldBe("0001");
        foreach (var column in IndexTrade.Feed.Schema.Columns)
        {
            english.TryGetProperty(column.JsonName, out _).ShouldBeTrue(column.JsonName);
            kis.TryGetProperty(column.Element, out _).ShouldBeTrue(column.Element);
        }

        await client.DisposeAsync();
        await time.TimerDueInAsync(TimeSpan.FromSeconds(31));
        (await testGateway.GetAsync("/v1/last/index/0001")).Status.ShouldBe(200, "the grace period is not over");
        time.Advance(TimeSpan.FromSeconds(31));
        await testGateway.Log.EventAsync("ReleasedUpstream");
        await Patience.UntilAsync(async () => (await testGateway.GetAsync("/v1/last/index/0001")).Status == 404);
    }

    [Fact]
    public async Task The_last_record_indicates_an_interruption()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        await testGateway.Simulator.DisposeAsync();

        var last = await Patience.UntilAsync(
            () => testGateway.GetAsync("/v1/last/index/0001"), reply => reply.Json.TryGetProperty("interruption", out _));
        last.Json.ShouldHave("""{"interruption":{"reason":"connectionLost"}}""");
    }

    [Fact]
    public async Task A_key_without_data_is_distinguished_from_an_unregistered_one()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 0.0001 });
        await using var client = await testGateway.ConnectAsync();
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        var last = await Patience.UntilAsync(
            () => testGateway.GetAsync("/v1/last/index/0001"), reply => reply.Code != "notRegistered");
        last.Code.ShouldBe("nothingYet");
        var day = await Patience.UntilAsync(() => testGateway.GetAsync("/v1/history/index/0001"), reply => reply.Status != 404);
        day.Body.ShouldBe("""{"trId":"H0UPCNT0","key":"0001","date":null,"series":{},"gaps":[]}""" + "\n");
    }

    [Theory]
    [InlineData("/v1/last/nofeed/0001", 404, "unknownFeed")]
    [InlineData("/v1/last/index/9999", 404, "notRegistered")]
    [InlineData("/v1/last/H0IFCNI0/anna", 404, "noticesNotKept")]
    [InlineData("/v1/last/index/0001?name=kis", 400, "unknownParameter")]
    [InlineData("/v1/last/index/0001?names=korean", 400, "badParameter")]
    [InlineData("/v1/last/index/0001?names=kis&names=kis", 400, "badParameter")]
    [InlineData("/v1/feeds/nofeed", 404, "unknownFeed")]
    [InlineData("/v1/feeds/H0STXXX0", 404, "unknownFeed")]
    [InlineData("/v1/last/h0stxxx0/005930", 404, "unknownFeed")]
    [InlineData("/v1/history/H0STXXX0/005930", 404, "unknownFeed")]
    [InlineData("/v1/history/nofeed/0001", 404, "unknownFeed")]
    [InlineData("/v1/history/index/9999", 404, "notRegistered")]
    [InlineData("/v1/history/H0IFCNI0/anna", 404, "noticesNotKept")]
    [InlineData("/v1/history/index/0001?names=kis", 400, "unknownParameter")]
    [InlineData("/v1/days", 404, "noHistory")]
    [InlineData("/v1/days/2026-11-20?subscribe=index:0001", 404, "noHistory")]
    [InlineData("/v1/stream?subscribe=index:0001&from=-15m", 404, "noHistory")]
    [InlineData("/v1/instruments?limit=3", 400, "badParameter")]
    [InlineData("/v1/instruments?q=a&limit=0", 400, "badParameter")]
    [InlineData("/v1/instruments?q=a&limit=x", 400, "badParameter")]
    [InlineData("/v1/instruments?kind=share", 400, "badParameter")]
    [InlineData("/v1/instruments?kind=stock,", 400, "badParameter")]
    public async Task Unanswerable_requests_get_an_explanation(string target, int status, string code)
    {
        (await shared.BeginTest().GetAsync(target)).ShouldBeProblem(status, code);
    }

    [Theory]
    [InlineData("/v1/instruments")]
    [InlineData("/v1/instruments?kind=stock,bond")]
    public async Task A_list_of_instruments_that_the_client_has_is_not_sent_again(string target)
    {
        var testGateway = shared.BeginTest();
        var first = await testGateway.GetAsync(target);

        var again = await testGateway.GetAsync(target, $"If-None-Match: {first.Headers["ETag"]}");

        first.ShouldHaveHeaders("Cache-Control: private, no-cache", "Content-Type: application/json; charset=utf-8");
        again.Status.ShouldBe(304);
        again.Body.ShouldBeEmpty();
        again.ShouldHaveHeaders($"ETag: {first.Headers["ETag"]}", "Cache-Control: private, no-cache");
        (await testGateway.GetAsync(target, "If-None-Match: \"other\"")).Body.ShouldBe(first.Body);
        (await testGateway.GetAsync("/v1/instruments?q=a")).ShouldHaveHeaders("Cache-Control: no-store");
    }

    [Fact]
    public async Task A_consumer_sees_only_its_feeds_and_only_itself_in_the_status()
    {
        await _testConsumers.AddAsync("bonds", feeds: [Bond]);
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync(TestGateway.Index, "0001");
        await anna.RegisterAsync(Bond, "KR103502GC97");
        await anna.RegisterAsync(Notices, "Secretary");
        await anna.ReceiveFrameAsync();

        var refusal = await testGateway.GetAsync("/v1/last/index/0001", _testConsumers.Basic("bonds"));
        refusal.ShouldBeProblem(403, "feedNotAllowed");
        (await testGateway.GetAsync($"/v1/last/{Notices}/Secretary", _testConsumers.Basic("bonds"))).Code
            .ShouldBe("feedNotAllowed");
        testGateway.Refused(AccessRefusalReason.Rights).ShouldBe(2);
        (await testGateway.GetAsync("/v1/last/bond/KR103502GC97", _testConsumers.Basic("bonds"))).Status.ShouldBeOneOf(200, 404);

        var bonds = await testGateway.GetAsync("/v1/status", _testConsumers.Basic("bonds"));
        bonds.Json.ShouldHave("""{"registrations":[{"trId":"H0BJCNT0"}],"consumers":[{"name":"bonds"}]}""");
        bonds.Body.ShouldNotContain("anna");
        (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("anna"))).Json.ShouldHave(
            """
            {
              "registrations":
                [{"trId":"H0BJCNT0","key":"KR103502GC97"},{"trId":"H0IFCNI0","key":null},{"trId":"H0UPCNT0","key":"0001"}],
              "consumers": [{"connections":1,"registrations":3}],
              "refusals": {"rights":2}
            }
            """);
    }

    [Fact]
    public async Task An_operator_sees_all_consumers_and_registrations_until_the_right_is_revoked()
    {
        await _testConsumers.AddAsync("desk", feeds: [Bond], isOperator: true);
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync(TestGateway.Index, "0001");
        await anna.RegisterAsync(Notices, "Secretary");

        var reply = await testGateway.GetAsync("/v1/status", _testConsumers.Basic("desk"));

        reply.Json.GetProperty("consumers").EnumerateArray().Select(c => c.GetProperty("name").GetString())
            .ShouldBe(["anna", "desk"], ignoreOrder: true);
        reply.Json.ShouldHave("""{"registrations":[{"trId":"H0IFCNI0","key":null},{"trId":"H0UPCNT0","key":"0001"}]}""");
        reply.Body.ShouldNotContain("Secretary");
        (await testGateway.GetAsync("/v1/dashboard", _testConsumers.Basic("desk"))).Json.ShouldHave("""{"viewer":{"isOperator":true}}""");
        (await testGateway.GetAsync("/v1/last/index/0001", _testConsumers.Basic("desk"))).Code
            .ShouldBe("feedNotAllowed", "totals include other consumers");
        (await testGateway.GetAsync("/v1/dashboard", _testConsumers.Basic("anna"))).Json.ShouldHave("""{"viewer":{"isOperator":false}}""");

        await _testConsumers.AddAsync("desk", feeds: [Bond]);
        testGateway.Gateway.ReloadConsumers();
        (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("desk"))).Json
            .ShouldHave("""{"consumers":[{"name":"desk"}],"registrations":[]}""");
    }

    [Fact]
    public async Task The_status_describes_the_gateway()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { TimeProvider = time });
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();
        await testGateway.GetAsync("/v1/last/nofeed/0001");
        time.Advance(TimeSpan.FromSeconds(1.5));

        var status = (await testGateway.GetAsync("/v1/status")).Json;

        status.ShouldHave(
            $$"""
            {
              "version": "{{KisFeedDiagnostics.Version}}",
              "uptimeSeconds": 1,
              "isReady": true,
              "isOpenToEverybody": true,
              "upstream": [{"phase":"open","confirmed":1,"slots":41,"reconnects":0,"problem":null}],
              "registrations": [{"consumers":1}],
              "totals": {"connections":1},
              "refusals": {"malformed":1},
              "consumers": [{"name":"(everybody)"}],
              "recording": null
            }
            """);
        status.GetProperty("lastFrame").GetProperty("secondsAgo").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        status.GetProperty("totals").GetProperty("framesReceived").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_status_shows_a_reconnect_and_its_problem()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();
        await testGateway.Simulator.DisposeAsync();

        var reply = await Patience.UntilAsync(() => testGateway.GetAsync("/readyz"), reply => reply.Status != 200);
        reply.ShouldBeProblem(503, "upstreamNotReady");
        reply.Body.ShouldNotContain("127.0.0.1", Case.Sensitive, "it is the same for all consumers");

        // The gateway may connect to a stopping simulator once more.
        await Patience.UntilAsync(async () => (await UpstreamAsync()).GetProperty("problem").ValueKind != JsonValueKind.Null);
        (await testGateway.GetAsync("/healthz")).Body.ShouldBe("ok\n");
        await testGateway.RestartAsync(new SimulatorOptions { Rate = 200 });
        await client.ReceiveFrameAsync();

        (await Patience.UntilAsync(() => testGateway.GetAsync("/readyz"), reply => reply.Status == 200)).Body.ShouldBe("ready\n");
        (await UpstreamAsync()).GetProperty("reconnects").GetInt32().ShouldBeGreaterThanOrEqualTo(1);

        async Task<JsonElement> UpstreamAsync() => (await testGateway.GetAsync("/v1/status")).Json.GetProperty("upstream")[0];
    }

    [Fact]
    public async Task The_feeds_are_those_of_the_catalog()
    {
        var testGateway = shared.BeginTest();

        var feeds = (await testGateway.GetAsync("/v1/feeds")).Json;
        var index = (await testGateway.GetAsync("/v1/feeds/index")).Json;

        feeds.EnumerateArray().Select(f => f.GetProperty("trId").GetString()).ShouldBe(KisFeeds.Catalog.Feeds.Select(f => f.TrId));
        index.GetProperty("trId").GetString().ShouldBe(TestGateway.Index);
        index.GetProperty("columns").GetArrayLength().ShouldBe(IndexTrade.Feed.Schema.Columns.Length);
    }

    [Fact]
    public async Task The_index_lists_every_page()
    {
        var testGateway = shared.BeginTest();

        var index = (await testGateway.GetAsync("/")).Body;

        foreach (var route in testGateway.Gateway.Routes.Where(r => r != "/"))
            index.ShouldContain(route.Split('{')[0].TrimEnd('/'));
    }
}
