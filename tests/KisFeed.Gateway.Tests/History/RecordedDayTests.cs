using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.History;

/// <summary>Days from the recording, and the current day after a restart.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class RecordedDayTests : IDisposable
{
    // The simulator's, whenever it runs.
    private const string SimulatedDay = "2026-11-20";

    private static readonly TimeSpan s_korea = TimeSpan.FromHours(9);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-days-");

    [Fact]
    public async Task A_restarted_gateway_has_the_whole_day_with_a_gap_while_it_was_down()
    {
        var clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        var first = await StartAsync(simulator, clock);
        await Patience.UntilAsync(() => first.Status.Recording!.Received > 300);
        await first.DisposeAsync();
        await using var second = await StartAsync(simulator, clock);
        await Patience.UntilAsync(() => second.Status.Recording!.Received > 100);
        simulator.Silence().ShouldBeGreaterThan(0);

        using var http = new HttpClient { BaseAddress = second.RestUrl, Timeout = Patience.Limit };
        var day = await ReadAsync(http, "v1/history/index/0001");
        while (await ReadAsync(http, "v1/history/index/0001") is var again && RecordsOf(again) != RecordsOf(day))
            day = again;
        await second.StopAsync();

        var recorded = (await RecordedKeys.ReadAsync(_folder.FullName)).Of("H0UPCNT0", "0001").Count(item => item.Json is not null);
        RecordsOf(day).ShouldBe(recorded);
        day.GetProperty("date").GetString().ShouldBe(SimulatedDay);
        day.GetProperty("gaps").EnumerateArray().Select(gap => gap.GetProperty("reason").GetString()).ShouldBe(["notRecorded"]);
        day.GetProperty("gaps")[0].GetProperty("to").ValueKind.ShouldBe(JsonValueKind.String);
        day.GetProperty("gaps")[0].GetProperty("after").GetProperty("price").GetDecimal().ShouldBePositive();
    }

    [Fact]
    public async Task A_gateway_that_is_started_after_the_market_has_the_day()
    {
        var clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        var first = await StartAsync(simulator, clock);
        await Patience.UntilAsync(() => first.Status.Recording!.Received > 300);
        await first.DisposeAsync();
        simulator.Silence();
        await simulator.DisposeAsync();
        await using var second = await StartAsync(simulator, clock);

        using var http = new HttpClient { BaseAddress = second.RestUrl, Timeout = Patience.Limit };
        var day = await ReadAsync(http, $"v1/days/{Text(clock)}?subscribe=index:0001");

        var recorded = (await RecordedKeys.ReadAsync(_folder.FullName)).Of("H0UPCNT0", "0001").Where(item => item.Json is not null)
            .ToList();
        var key = day.GetProperty("keys")[0];
        RecordsOf(key).ShouldBe(recorded.Count);
        key.GetProperty("records").GetInt64().ShouldBe(recorded.Count);
        key.GetProperty("last").GetRawText().ShouldBe(recorded[^1].Json);
        key.GetProperty("gaps").EnumerateArray().Last().GetProperty("to").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_earlier_day_is_read_from_the_recording()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        var (yesterday, today) =
            (ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9 - 24)), ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9)));
        var first = await StartAsync(simulator, yesterday);
        await Patience.UntilAsync(() => first.Status.Recording!.Received > 300);
        await first.DisposeAsync();
        var recorded = await RecordedKeys.ReadAsync(_folder.FullName);
        await using var gateway = await StartAsync(simulator, today);
        await Patience.UntilAsync(() => gateway.Status.Recording!.Flushed > 0);

        using var http = new HttpClient { BaseAddress = gateway.RestUrl, Timeout = Patience.Limit };
        var days = await ReadAsync(http, "v1/days");
        days.GetProperty("today").GetString().ShouldBe(Text(today));
        days.GetProperty("days").EnumerateArray().Select(day => day.GetString()).ShouldBe([Text(yesterday), Text(today)]);
        var day = await ReadAsync(http, $"v1/days/{Text(yesterday)}?subscribe=index:0001,H0NXPGM0:005930,index:9999,index:0001");

        var keys = day.GetProperty("keys").EnumerateArray().ToList();
        keys.Select(key => key.GetProperty("key").GetString()).ShouldBe(["0001", "005930", "9999"]);
        foreach (var key in keys.Take(2))
        {
            var own = recorded.Of(key.GetProperty("trId").GetString()!, key.GetProperty("key").GetString()!)
                .Where(item => item.Json is not null)
                .ToList();
            key.GetProperty("records").GetInt64().ShouldBe(own.Count);
            key.GetProperty("last").GetRawText().ShouldBe(own[^1].Json);
            key.GetProperty("date").GetString().ShouldBe(SimulatedDay);
        }

        keys[2].GetProperty("date").ValueKind.ShouldBe(JsonValueKind.Null);
        keys[2].GetProperty("last").ValueKind.ShouldBe(JsonValueKind.Null);

        // The current day does not have the minutes that were received yesterday.
        simulator.Silence().ShouldBeGreaterThan(0);
        var current = await ReadAsync(http, "v1/history/index/0001");
        while (await ReadAsync(http, "v1/history/index/0001") is var again && RecordsOf(again) != RecordsOf(current))
            current = again;
        await gateway.StopAsync();
        var before = recorded.Of("H0UPCNT0", "0001").Count(item => item.Json is not null);
        var all = (await RecordedKeys.ReadAsync(_folder.FullName)).Of("H0UPCNT0", "0001").Count(item => item.Json is not null);
        RecordsOf(current).ShouldBe(all - before);
    }

    [Theory]
    [InlineData("/v1/days/2026-11-20?subscribe=index:0001", 404, "dayNotRecorded")]
    [InlineData("/v1/days/yesterday?subscribe=index:0001", 400, "badDate")]
    [InlineData("/v1/days/2026-11-20", 400, "badParameter")]
    [InlineData("/v1/days/2026-11-20?subscribe=nofeed:1", 400, "unknownFeed")]
    [InlineData("/v1/days/2026-11-20?subscribe=notice:anna", 400, "noticesNotKept")]
    [InlineData("/v1/days?x=y", 400, "unknownParameter")]
    public async Task A_day_that_cannot_be_shown_is_an_error_that_says_why(string path, int status, string code)
    {
        await using var gateway = await TestGateway.OpenAsync(with: Recording);

        var reply = await gateway.GetAsync(path);

        reply.Status.ShouldBe(status);
        reply.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("/v1/days")]
    [InlineData("/v1/days/2026-11-20?subscribe=index:0001")]
    public async Task Without_a_recording_there_are_no_days(string path)
    {
        await using var gateway = await TestGateway.OpenAsync();

        var reply = await gateway.GetAsync(path);

        reply.Status.ShouldBe(404);
        reply.Code.ShouldBe("noHistory");
    }

    [Fact]
    public async Task Responses_conform_to_the_document_and_to_rights()
    {
        using var consumers = new TestConsumers();
        await consumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await consumers.AddAsync("indices", feeds: ["H0UPCNT0"]);
        await using var gateway = await TestGateway.OpenAsync(with: options => Recording(options) with { TokenFile = consumers.TokenFile });
        var (bonds, indices) = (WebClient.Basic(consumers["bonds"]), WebClient.Basic(consumers["indices"]));
        await Patience.UntilAsync(() => gateway.Gateway.Status.Recording!.Received > 20);
        var document = (await gateway.GetAsync("/v1/openapi.json", indices)).Json;
        var days = await gateway.GetAsync("/v1/days", indices);
        var path = $"/v1/days/{days.Json.GetProperty("today").GetString()}?subscribe=index:0001";

        new JsonShape(document).FindMismatches(new JsonShape(document).Find("#/components/schemas/Days"), days.Json).ShouldBeEmpty();
        var day = await gateway.GetAsync(path, indices);
        new JsonShape(document).FindMismatches(new JsonShape(document).Find("#/components/schemas/RecordedDay"), day.Json).ShouldBeEmpty();
        (await gateway.GetAsync(path, bonds)).Status.ShouldBe(403);
        (await gateway.GetAsync(path)).Status.ShouldBe(401);
        (await gateway.GetAsync("/v1/days")).Status.ShouldBe(401);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static long RecordsOf(JsonElement day) =>
        day.GetProperty("series").GetProperty("price").EnumerateArray().Sum(bar => bar.GetProperty("records").GetInt64());

    private static string Text(TimeProvider clock) =>
        clock.GetUtcNow().ToOffset(s_korea).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<JsonElement> ReadAsync(HttpClient http, string path) =>
        JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(new Uri(path, UriKind.Relative)));

    private GatewayOptions Recording(GatewayOptions options) => options with
    {
        Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")],
        Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName } },
    };

    private Task<GatewayServer> StartAsync(SimulatorServer simulator, ShiftedTimeProvider clock) =>
        GatewayServer.StartAsync(new GatewayOptions
        {
            TimeProvider = clock,
            Upstream = TestGateway.ClientOf(simulator.WebSocketUrl) with { TimeProvider = clock },
            Limits = TestGateway.Unhurried,
            Keep =
            [
                new GatewayKey(IndexTrade.Feed.Schema, "0001"),
                new GatewayKey(KisFeeds.Catalog.Feeds.First(feed => feed.TrId == "H0NXPGM0"), "005930"),
            ],
            Recording =
                new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName }, TimeProvider = clock },
        });
}
