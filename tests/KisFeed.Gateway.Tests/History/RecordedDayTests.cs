using System.Globalization;
using System.Text.Json;
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
        await using var testGateway = await OpenAsync(clock, recorded: 300);
        await testGateway.RestartGatewayAsync();
        await testGateway.UntilRecordedAsync(100);

        var day = await ReadIdleDayAsync(testGateway);
        await testGateway.Gateway.StopAsync();

        RecordedKeys.CountIn(day).ShouldBe((await RecordedKeys.ReadRecordsAsync(_folder, "H0UPCNT0", "0001")).Count);
        day.ShouldHave($$"""{"date":"{{SimulatedDay}}","gaps":[{"reason":"notRecorded"}]}""");
        day.GetProperty("gaps")[0].GetProperty("to").ValueKind.ShouldBe(JsonValueKind.String);
        day.GetProperty("gaps")[0].GetProperty("after").GetProperty("price").GetDecimal().ShouldBePositive();
    }

    [Fact]
    public async Task A_gateway_that_is_started_after_the_market_has_the_day()
    {
        var clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));
        await using var testGateway = await OpenAsync(clock, recorded: 300);
        await testGateway.Gateway.DisposeAsync();
        testGateway.Simulator.Silence();
        await testGateway.Simulator.DisposeAsync();
        await testGateway.RestartGatewayAsync();

        var day = (await testGateway.GetAsync($"/v1/days/{Text(clock)}?subscribe=index:0001")).Json;

        var recorded = await RecordedKeys.ReadRecordsAsync(_folder, "H0UPCNT0", "0001");
        var key = day.GetProperty("keys")[0];
        RecordedKeys.CountIn(key).ShouldBe(recorded.Count);
        key.GetProperty("records").GetInt64().ShouldBe(recorded.Count);
        key.GetProperty("last").GetRawText().ShouldBe(recorded[^1].Json);
        key.GetProperty("gaps").EnumerateArray().Last().GetProperty("to").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_earlier_day_is_read_from_the_recording()
    {
        var (yesterday, today) =
            (ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9 - 24)), ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9)));
        await using var testGateway = await OpenAsync(yesterday, recorded: 300);
        await testGateway.Gateway.DisposeAsync();
        var recorded = await RecordedKeys.ReadAsync(_folder.FullName);
        await testGateway.RestartGatewayAsync(options => At(today, options));
        await Patience.UntilAsync(() => testGateway.Status.Recording!.Flushed > 0);

        (await testGateway.GetAsync("/v1/days")).Json.ShouldHave(
            $$"""{"today":"{{Text(today)}}","days":["{{Text(yesterday)}}","{{Text(today)}}"]}""");
        var day = (await testGateway.GetAsync(
            $"/v1/days/{Text(yesterday)}?subscribe=index:0001,H0NXPGM0:005930,index:9999,index:0001")).Json;

        var keys = day.GetProperty("keys").EnumerateArray().ToList();
        keys.Select(key => key.GetProperty("key").GetString()).ShouldBe(["0001", "005930", "9999"]);
        foreach (var key in keys.Take(2))
        {
            var own = recorded.Of(key.GetProperty("trId").GetString()!, key.GetProperty("key").GetString()!)
                .FindAll(item => item.Json is not null);
            key.GetProperty("records").GetInt64().ShouldBe(own.Count);
            key.GetProperty("last").GetRawText().ShouldBe(own[^1].Json);
            key.GetProperty("date").GetString().ShouldBe(SimulatedDay);
        }

        keys[2].ShouldHave("""{"date":null,"last":null}""");

        // The current day does not have the minutes that were received yesterday.
        var current = await ReadIdleDayAsync(testGateway);
        await testGateway.Gateway.StopAsync();
        var before = recorded.Of("H0UPCNT0", "0001").Count(item => item.Json is not null);
        RecordedKeys.CountIn(current).ShouldBe((await RecordedKeys.ReadRecordsAsync(_folder, "H0UPCNT0", "0001")).Count - before);
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
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001")));

        (await testGateway.GetAsync(path)).ShouldBeProblem(status, code);
    }

    [Fact]
    public async Task Responses_conform_to_the_document_and_to_rights()
    {
        using var consumers = new TestConsumers();
        await consumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await consumers.AddAsync("indices", feeds: ["H0UPCNT0"]);
        await using var gateway = await TestGateway.OpenAsync(
            with: options => TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001")), consumers: consumers);
        var (bonds, indices) = (consumers.Basic("bonds"), consumers.Basic("indices"));
        await gateway.UntilRecordedAsync(20);
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

    // The current day, once no record follows.
    private static async Task<JsonElement> ReadIdleDayAsync(TestGateway testGateway)
    {
        testGateway.Simulator.Silence().ShouldBeGreaterThan(0);
        var before = -1L;
        return (await Patience.UntilAsync(
            () => testGateway.GetAsync("/v1/history/index/0001"),
            reply => before == (before = RecordedKeys.CountIn(reply.Json)))).Json;
    }

    private static string Text(TimeProvider clock) =>
        clock.GetUtcNow().ToOffset(s_korea).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static GatewayOptions At(ShiftedTimeProvider clock, GatewayOptions options) => options with
    {
        TimeProvider = clock,
        Upstream = options.Upstream.Service! with { TimeProvider = clock },
        Recording = options.Recording! with { TimeProvider = clock },
    };

    private async Task<TestGateway> OpenAsync(ShiftedTimeProvider clock, int recorded)
    {
        var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 500 },
            options => At(clock, TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001"), ("H0NXPGM0", "005930"))));
        await testGateway.UntilRecordedAsync(recorded);
        return testGateway;
    }
}
