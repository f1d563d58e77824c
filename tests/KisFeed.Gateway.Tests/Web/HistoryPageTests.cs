using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The day of a key, as a page gets it that was opened at noon.</summary>
public sealed class HistoryPageTests : IDisposable
{
    private const string Kospi = "/v1/history/index/0001";

    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task It_has_the_minutes_so_far_and_a_gap_while_upstream_is_away()
    {
        await using var stage = await Stage.OpenAsync();
        await using var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");
        await client.ReceiveFrameAsync();

        var day = (await stage.GetAsync(Kospi)).Json;

        day.GetProperty("trId").GetString().ShouldBe(Stage.Index);
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

        await stage.Simulator.DisposeAsync();
        using var patience = new CancellationTokenSource(Patience.Limit);
        JsonElement gaps;
        while ((gaps = (await stage.GetAsync(Kospi)).Json.GetProperty("gaps")).GetArrayLength() == 0)
            await Task.Delay(2, patience.Token);
        gaps[0].GetProperty("to").ValueKind.ShouldBe(JsonValueKind.Null);
        gaps[0].GetProperty("reason").GetString().ShouldBe("connectionLost");
        gaps[0].GetProperty("from").GetString()!.ShouldStartWith($"{date}T");
    }

    [Fact]
    public async Task It_outlives_the_registration()
    {
        await using var stage = await Stage.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.Zero });
        var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");
        await client.ReceiveFrameAsync();

        await client.DisposeAsync();
        using var patience = new CancellationTokenSource(Patience.Limit);
        while ((await stage.GetAsync("/v1/last/index/0001")).Status != 404)
            await Task.Delay(2, patience.Token);

        JsonElement day;
        while ((day = (await stage.GetAsync(Kospi)).Json).GetProperty("gaps").GetArrayLength() == 0)
            await Task.Delay(2, patience.Token);
        day.GetProperty("series").GetProperty("price").GetArrayLength().ShouldBeGreaterThan(0);
        day.GetProperty("gaps")[0].GetProperty("reason").GetString().ShouldBe("notRegistered");
    }

    [Theory]
    [InlineData("/v1/history/nofeed/0001", 404, "unknownFeed")]
    [InlineData("/v1/history/index/9999", 404, "notRegistered")]
    [InlineData("/v1/history/H0IFCNI0/anna", 404, "noticesNotKept")]
    [InlineData("/v1/history/index/0001?names=kis", 400, "unknownParameter")]
    public async Task What_cannot_be_answered_is_explained(string target, int status, string code)
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.GetAsync(target);

        reply.Status.ShouldBe(status);
        reply.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_key_for_which_nothing_has_come_is_told_from_one_that_is_not_registered()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 0.0001 });
        await using var client = await stage.ConnectAsync();
        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        using var patience = new CancellationTokenSource(Patience.Limit);
        WebReply reply;
        while ((reply = await stage.GetAsync(Kospi)).Status == 404)
            await Task.Delay(2, patience.Token);
        reply.Body.ShouldBe("""{"trId":"H0UPCNT0","key":"0001","date":null,"series":{},"gaps":[]}""" + "\n");
    }

    [Fact]
    public async Task It_is_for_those_who_may_have_the_feed()
    {
        await _household.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await using var stage = await Stage.OpenAsync(with: options => options with { TokenFile = _household.TokenFile });

        (await stage.GetAsync(Kospi)).Status.ShouldBe(401);
        (await stage.GetAsync(Kospi, WebClient.Basic(_household["bonds"]))).Code.ShouldBe("feedNotAllowed");
        (await stage.GetAsync("/v1/history/H0IFCNI0/anna", WebClient.Basic(_household["bonds"]))).Code.ShouldBe("feedNotAllowed");
        (await stage.GetAsync($"/v1/history/bond/KR103502GC97?approval_key={await _household.ApprovalKeyAsync(stage, "bonds")}")).Code.ShouldBe("notRegistered");
    }
}
