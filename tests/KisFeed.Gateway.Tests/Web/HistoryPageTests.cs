using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The history page: the current day of a key.</summary>
public sealed class HistoryPageTests : IDisposable
{
    private const string Kospi = "/v1/history/index/0001";

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task The_history_has_the_minutes_so_far_and_a_gap_while_upstream_is_lost()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        var day = (await testGateway.GetAsync(Kospi)).Json;

        day.GetProperty("trId").GetString().ShouldBe(TestGateway.Index);
        day.GetProperty("key").GetString().ShouldBe("0001");
        var date = day.GetProperty("date").GetString()!;
        DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var bar = day.GetProperty("series").GetProperty("price")[0];
        var start = bar.GetProperty("start").GetString()!;
        start.ShouldStartWith($"{date}T");
        start.ShouldEndWith(":00+09:00");
        bar.GetProperty("records").GetInt32().ShouldBeGreaterThan(0);
        bar.GetProperty("high").GetDecimal().ShouldBeGreaterThanOrEqualTo(bar.GetProperty("low").GetDecimal());
        day.GetProperty("gaps").GetArrayLength().ShouldBe(0);

        await testGateway.Simulator.DisposeAsync();
        using var deadline = new CancellationTokenSource(Patience.Limit);
        JsonElement gaps;
        while ((gaps = (await testGateway.GetAsync(Kospi)).Json.GetProperty("gaps")).GetArrayLength() == 0)
            await Task.Delay(2, deadline.Token);
        gaps[0].GetProperty("to").ValueKind.ShouldBe(JsonValueKind.Null);
        gaps[0].GetProperty("reason").GetString().ShouldBe("connectionLost");
        gaps[0].GetProperty("from").GetString()!.ShouldStartWith($"{date}T");
    }

    [Fact]
    public async Task The_history_survives_the_registration()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.Zero });
        var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        await client.DisposeAsync();
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while ((await testGateway.GetAsync("/v1/last/index/0001")).Status != 404)
            await Task.Delay(2, deadline.Token);

        JsonElement day;
        while ((day = (await testGateway.GetAsync(Kospi)).Json).GetProperty("gaps").GetArrayLength() == 0)
            await Task.Delay(2, deadline.Token);
        day.GetProperty("series").GetProperty("price").GetArrayLength().ShouldBeGreaterThan(0);
        day.GetProperty("gaps")[0].GetProperty("reason").GetString().ShouldBe("notRegistered");
    }

    [Theory]
    [InlineData("/v1/history/nofeed/0001", 404, "unknownFeed")]
    [InlineData("/v1/history/index/9999", 404, "notRegistered")]
    [InlineData("/v1/history/H0IFCNI0/anna", 404, "noticesNotKept")]
    [InlineData("/v1/history/index/0001?names=kis", 400, "unknownParameter")]
    public async Task Unanswerable_requests_get_an_explanation(string target, int status, string code)
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var reply = await testGateway.GetAsync(target);

        reply.Status.ShouldBe(status);
        reply.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_key_without_data_is_distinguished_from_an_unregistered_one()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 0.0001 });
        await using var client = await testGateway.ConnectAsync();
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        using var deadline = new CancellationTokenSource(Patience.Limit);
        WebReply reply;
        while ((reply = await testGateway.GetAsync(Kospi)).Status == 404)
            await Task.Delay(2, deadline.Token);
        reply.Body.ShouldBe("""{"trId":"H0UPCNT0","key":"0001","date":null,"series":{},"gaps":[]}""" + "\n");
    }

    [Fact]
    public async Task The_history_requires_the_right_to_the_feed()
    {
        await _testConsumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { TokenFile = _testConsumers.TokenFile });

        (await testGateway.GetAsync(Kospi)).Status.ShouldBe(401);
        (await testGateway.GetAsync(Kospi, WebClient.Basic(_testConsumers["bonds"]))).Code.ShouldBe("feedNotAllowed");
        (await testGateway.GetAsync("/v1/history/H0IFCNI0/anna", WebClient.Basic(_testConsumers["bonds"]))).Code.ShouldBe("feedNotAllowed");
        (await testGateway.GetAsync(
            $"/v1/history/bond/KR103502GC97?approval_key={await _testConsumers.ApprovalKeyAsync(testGateway, "bonds")}")).Code
            .ShouldBe("notRegistered");
    }
}
