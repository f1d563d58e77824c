using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The page with the initial data of the dashboard.</summary>
public sealed class DashboardTests : IDisposable
{
    private static readonly GatewayKey s_kospi = new(IndexTrade.Feed.Schema, "0001");
    private static readonly GatewayKey s_samsung = new(ProgramTrade.Consolidated.Schema, "005930");
    private static readonly GatewayKey s_notices = new(OrderNotice.Feed.Schema, "anna");

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Without_tokens_everybody_is_an_operator()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        // Until upstream has identified itself as a simulator.
        var dashboard = await Patience.UntilAsync(
            () => DashboardAsync(testGateway), dashboard => dashboard.GetProperty("source").GetString() != "service");

        dashboard.ShouldHave(
            $$"""
            {
              "version": "{{KisFeedDiagnostics.Version}}",
              "source": "simulation",
              "slots": 41,
              "viewer": {"name":"(everybody)","isOpen":true,"isOperator":true,"mayNotices":true},
              "noticeKeys": []
            }
            """);
        TextsOf(dashboard.GetProperty("viewer").GetProperty("feeds"))
            .ShouldBe(KisFeeds.Catalog.Feeds.Where(feed => !feed.IsMockOnly).Select(feed => feed.TrId), ignoreOrder: true);
        WatchListOf(dashboard).ShouldBe(["H0UPCNT0:0001", "H0UPCNT0:1001", "H0UPCNT0:2001"]);
    }

    [Fact]
    public async Task A_consumer_sees_only_its_feeds_and_HTS_IDs_only_with_the_right_to_notices()
    {
        await _testConsumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { Keep = [s_kospi, s_notices] },
            upstream: options => options with { HtsId = "Secretary" },
            consumers: _testConsumers);

        var bonds = await testGateway.GetAsync("/v1/dashboard", _testConsumers.Basic("bonds"));
        var anna = await DashboardAsync(testGateway, _testConsumers.Basic("anna"));

        (await testGateway.GetAsync("/v1/dashboard")).Status.ShouldBe(401);
        bonds.Body.ShouldNotContain("anna");
        bonds.Body.ShouldNotContain("Secretary");
        bonds.Json.ShouldHave(
            """
            {"watch":[],"viewer":{"name":"bonds","isOpen":false,"isOperator":false,"mayNotices":false,"feeds":["H0BJCNT0"]}}
            """);
        anna.ShouldHave("""{"viewer":{"mayNotices":true},"noticeKeys":["Secretary","anna"]}""");
        WatchListOf(anna).ShouldBe(["H0UPCNT0:0001"], "the kept keys, without order notices");
    }

    [Fact]
    public async Task Initial_keys_and_data_source_can_be_configured()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options =>
            options with { Source = DataSource.Simulation, Keep = [s_kospi], DashboardKeys = [s_samsung, s_kospi, s_samsung] });

        var dashboard = await DashboardAsync(testGateway);

        dashboard.ShouldHave("""{"source":"simulation"}""");
        (await testGateway.GetAsync("/v1/status")).Json.ShouldHave("""{"source":"simulation"}""");
        WatchListOf(dashboard).ShouldBe(["H0UNPGM0:005930", "H0UPCNT0:0001"]);
    }

    [Fact]
    public async Task Instruments_are_returned_as_configured()
    {
        Instrument[] instruments =
        [
            new(InstrumentKind.Index, "0001", "종합", "KOSPI"),
            new(InstrumentKind.Stock, "005930", "삼성전자"),
            new(InstrumentKind.Future, "A01612", "\"F\" 202612"),
        ];
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { Instruments = instruments });

        (await testGateway.GetAsync("/v1/instruments")).Json.ShouldHave(
            """
            {"instruments":[
              {"kind":"index","code":"0001","name":"종합","englishName":"KOSPI"},
              {"kind":"stock","code":"005930","name":"삼성전자","englishName":null},
              {"kind":"future","code":"A01612","name":"\"F\" 202612","englishName":null}]}
            """);
    }

    [Fact]
    public async Task Instruments_are_searched_as_on_the_dashboard()
    {
        Instrument[] instruments =
        [
            new(InstrumentKind.Stock, "005935", "삼성전자우"),
            new(InstrumentKind.Stock, "005930", "삼성전자", "Samsung Electronics"),
            new(InstrumentKind.Future, "A01612", "삼성 F 202612"),
        ];
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { Instruments = instruments });
        async Task<IEnumerable<string?>> FindAsync(string query) => (await testGateway.GetAsync($"/v1/instruments?{query}")).Json
            .GetProperty("instruments").EnumerateArray().Select(i => i.GetProperty("code").GetString());

        (await FindAsync("q=%EC%82%BC%EC%84%B1")).ShouldBe(["005935", "005930", "A01612"]);
        (await FindAsync("q=%EC%82%BC%EC%84%B1&kind=future,bond")).ShouldBe(["A01612"]);
        (await FindAsync("kind=Stock")).ShouldBe(["005935", "005930"]);
        (await FindAsync("kind=nightOption")).ShouldBeEmpty();
        (await FindAsync("q=%EC%82%BC%EC%84%B1&limit=1")).ShouldBe(["005935"]);
        (await FindAsync("q=SAMSUNG%20electronics")).ShouldBe(["005930"]);
        (await FindAsync("q=005930")).ShouldBe(["005930"]);
        (await FindAsync("q=")).ShouldBeEmpty();
        (await testGateway.GetAsync("/v1/instruments?q=000660")).Body.ShouldStartWith(
            """{"instruments":[{"kind":"stock","code":"000660","name":null,"englishName":null},{"kind":"future","code":"000660",""",
            customMessage: "the likeliest kind first");
    }

    private static async Task<JsonElement> DashboardAsync(TestGateway testGateway, params string[] headers) =>
        (await testGateway.GetAsync("/v1/dashboard", headers)).Json;

    private static IEnumerable<string?> TextsOf(JsonElement array) => array.EnumerateArray().Select(t => t.GetString());

    private static IEnumerable<string> WatchListOf(JsonElement dashboard) =>
        dashboard.GetProperty("watch").EnumerateArray()
            .Select(k => $"{k.GetProperty("trId").GetString()}:{k.GetProperty("key").GetString()}");
}
