using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The pages of the HTTP interface.</summary>
public sealed class PageTests : IDisposable
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

        english.GetProperty("trId").GetString().ShouldBe(TestGateway.Index);
        english.GetProperty("key").GetString().ShouldBe("0001");
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
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while ((await testGateway.GetAsync("/v1/last/index/0001")).Status != 404)
            await Task.Delay(2, deadline.Token);
    }

    [Fact]
    public async Task The_last_record_indicates_an_interruption()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        await testGateway.Simulator.DisposeAsync();

        using var deadline = new CancellationTokenSource(Patience.Limit);
        JsonElement interruption;
        while (!(await testGateway.GetAsync("/v1/last/index/0001")).Json.TryGetProperty("interruption", out interruption))
            await Task.Delay(2, deadline.Token);
        interruption.GetProperty("reason").GetString().ShouldBe("connectionLost");
    }

    [Fact]
    public async Task A_key_without_data_is_distinguished_from_an_unregistered_one()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 0.0001 });
        await using var client = await testGateway.ConnectAsync();
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        using var deadline = new CancellationTokenSource(Patience.Limit);
        string code;
        while ((code = (await testGateway.GetAsync("/v1/last/index/0001")).Code) == "notRegistered")
            await Task.Delay(2, deadline.Token);
        code.ShouldBe("nothingYet");
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
    [InlineData("/v1/instruments?limit=3", 400, "badParameter")]
    [InlineData("/v1/instruments?q=a&limit=0", 400, "badParameter")]
    [InlineData("/v1/instruments?q=a&limit=x", 400, "badParameter")]
    [InlineData("/v1/instruments?kind=share", 400, "badParameter")]
    [InlineData("/v1/instruments?kind=stock,", 400, "badParameter")]
    public async Task Unanswerable_requests_get_an_explanation(string target, int status, string code)
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var reply = await testGateway.GetAsync(target);

        reply.Status.ShouldBe(status);
        reply.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_consumer_sees_only_its_feeds_and_only_itself_in_the_status()
    {
        await _testConsumers.AddAsync("bonds", feeds: [Bond]);
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { TokenFile = _testConsumers.TokenFile });
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync(TestGateway.Index, "0001");
        await anna.RegisterAsync(Bond, "KR103502GC97");
        await anna.RegisterAsync(Notices, "Secretary");
        await anna.ReceiveFrameAsync();

        var refusal = await testGateway.GetAsync("/v1/last/index/0001", WebClient.Basic(_testConsumers["bonds"]));
        refusal.Status.ShouldBe(403);
        refusal.Code.ShouldBe("feedNotAllowed");
        (await testGateway.GetAsync($"/v1/last/{Notices}/Secretary", WebClient.Basic(_testConsumers["bonds"]))).Code
            .ShouldBe("feedNotAllowed");
        testGateway.Gateway.Refusals.Of(AccessRefusalReason.Rights).ShouldBe(2);
        (await testGateway.GetAsync("/v1/last/bond/KR103502GC97", WebClient.Basic(_testConsumers["bonds"]))).Status.ShouldBeOneOf(200, 404);

        var bonds = await testGateway.GetAsync("/v1/status", WebClient.Basic(_testConsumers["bonds"]));
        bonds.Json.GetProperty("registrations").EnumerateArray().Select(r => r.GetProperty("trId").GetString()).ShouldBe([Bond]);
        bonds.Json.GetProperty("consumers").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["bonds"]);
        bonds.Body.ShouldNotContain("anna");
        var own = (await testGateway.GetAsync("/v1/status", WebClient.Basic(_testConsumers["anna"]))).Json;
        own.GetProperty("registrations").EnumerateArray().Select(r => (r.GetProperty("trId").GetString(), r.GetProperty("key").GetString()))
            .ShouldBe([(Bond, "KR103502GC97"), (Notices, null), (TestGateway.Index, "0001")]);
        own.GetProperty("consumers")[0].GetProperty("connections").GetInt32().ShouldBe(1);
        own.GetProperty("consumers")[0].GetProperty("registrations").GetInt32().ShouldBe(3);
        own.GetProperty("refusals").GetProperty("rights").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task An_operator_sees_all_consumers_and_registrations_until_the_right_is_revoked()
    {
        await _testConsumers.AddAsync("desk", feeds: [Bond], isOperator: true);
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { TokenFile = _testConsumers.TokenFile });
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync(TestGateway.Index, "0001");
        await anna.RegisterAsync(Notices, "Secretary");

        var reply = await testGateway.GetAsync("/v1/status", WebClient.Basic(_testConsumers["desk"]));
        var viewer = (await testGateway.GetAsync("/v1/dashboard", WebClient.Basic(_testConsumers["desk"]))).Json.GetProperty("viewer");

        reply.Json.GetProperty("consumers").EnumerateArray().Select(c => c.GetProperty("name").GetString())
            .ShouldBe(["anna", "desk"], ignoreOrder: true);
        reply.Json.GetProperty("registrations")
            .EnumerateArray()
            .Select(r => (r.GetProperty("trId").GetString(), r.GetProperty("key").GetString()))
            .ShouldBe([(Notices, null), (TestGateway.Index, "0001")]);
        reply.Body.ShouldNotContain("Secretary");
        viewer.GetProperty("isOperator").GetBoolean().ShouldBeTrue();
        (await testGateway.GetAsync("/v1/last/index/0001", WebClient.Basic(_testConsumers["desk"]))).Code
            .ShouldBe("feedNotAllowed", "totals include other consumers");
        (await testGateway.GetAsync("/v1/dashboard", WebClient.Basic(_testConsumers["anna"]))).Json.GetProperty("viewer")
            .GetProperty("isOperator").GetBoolean().ShouldBeFalse();

        await _testConsumers.AddAsync("desk", feeds: [Bond]);
        testGateway.Gateway.ReloadConsumers();
        var after = (await testGateway.GetAsync("/v1/status", WebClient.Basic(_testConsumers["desk"]))).Json;
        after.GetProperty("consumers").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["desk"]);
        after.GetProperty("registrations").GetArrayLength().ShouldBe(0);
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

        status.GetProperty("version").GetString().ShouldBe(KisFeedDiagnostics.Version);
        status.GetProperty("uptimeSeconds").GetInt64().ShouldBe(1);
        status.GetProperty("isReady").GetBoolean().ShouldBeTrue();
        status.GetProperty("isOpenToEverybody").GetBoolean().ShouldBeTrue();
        status.GetProperty("lastFrame").GetProperty("secondsAgo").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        var session = status.GetProperty("upstream")[0];
        session.GetProperty("phase").GetString().ShouldBe("open");
        session.GetProperty("confirmed").GetInt32().ShouldBe(1);
        session.GetProperty("places").GetInt32().ShouldBe(41);
        session.GetProperty("reconnects").GetInt32().ShouldBe(0);
        session.GetProperty("problem").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("registrations")[0].GetProperty("consumers").GetInt32().ShouldBe(1);
        status.GetProperty("totals").GetProperty("framesReceived").GetInt64().ShouldBeGreaterThan(0);
        status.GetProperty("totals").GetProperty("connections").GetInt32().ShouldBe(1);
        status.GetProperty("refusals").GetProperty("malformed").GetInt32().ShouldBe(1);
        status.GetProperty("consumers")[0].GetProperty("name").GetString().ShouldBe("(everybody)");
        status.GetProperty("recording").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_status_shows_a_reconnect_and_its_problem()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();
        await testGateway.Simulator.DisposeAsync();
        using var deadline = new CancellationTokenSource(Patience.Limit);

        WebReply reply;
        while ((reply = await testGateway.GetAsync("/readyz")).Status == 200)
            await Task.Delay(2, deadline.Token);
        reply.Status.ShouldBe(503);
        reply.Code.ShouldBe("upstreamNotReady");
        reply.Body.ShouldNotContain("127.0.0.1", Case.Sensitive, "it is the same for all consumers");

        // The gateway may connect to a stopping simulator once more.
        while ((await testGateway.GetAsync("/v1/status")).Json.GetProperty("upstream")[0].GetProperty("problem").ValueKind
            == JsonValueKind.Null)
        {
            await Task.Delay(2, deadline.Token);
        }
        (await testGateway.GetAsync("/healthz")).Body.ShouldBe("ok\n");
        await testGateway.RestartAsync(new SimulatorOptions { Rate = 200 });
        await client.ReceiveFrameAsync();

        while ((reply = await testGateway.GetAsync("/readyz")).Status != 200)
            await Task.Delay(2, deadline.Token);
        reply.Body.ShouldBe("ready\n");
        (await testGateway.GetAsync("/v1/status")).Json.GetProperty("upstream")[0].GetProperty("reconnects").GetInt32()
            .ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task The_feeds_are_those_of_the_catalog()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var feeds = (await testGateway.GetAsync("/v1/feeds")).Json;
        var index = (await testGateway.GetAsync("/v1/feeds/index")).Json;

        feeds.EnumerateArray().Select(f => f.GetProperty("trId").GetString()).ShouldBe(KisFeeds.Catalog.Feeds.Select(f => f.TrId));
        index.GetProperty("trId").GetString().ShouldBe(TestGateway.Index);
        index.GetProperty("columns").GetArrayLength().ShouldBe(IndexTrade.Feed.Schema.Columns.Length);
    }

    [Fact]
    public async Task The_index_lists_every_page()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var index = (await testGateway.GetAsync("/")).Body;

        foreach (var route in testGateway.Gateway.Routes.Where(r => r != "/"))
            index.ShouldContain(route.Split('{')[0].TrimEnd('/'));
    }
}
