using System.Globalization;
using KisFeed.Gateway.Tests.Broker;

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

        day.ShouldHave("""{"trId":"H0UPCNT0","key":"0001","gaps":[]}""");
        var date = day.GetProperty("date").GetString()!;
        DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var bar = day.GetProperty("series").GetProperty("price")[0];
        var start = bar.GetProperty("start").GetString()!;
        start.ShouldStartWith($"{date}T");
        start.ShouldEndWith(":00+09:00");
        bar.GetProperty("records").GetInt32().ShouldBeGreaterThan(0);
        bar.GetProperty("high").GetDecimal().ShouldBeGreaterThanOrEqualTo(bar.GetProperty("low").GetDecimal());

        await testGateway.Simulator.DisposeAsync();
        var interrupted = (await UntilGapAsync(testGateway)).Json;
        interrupted.ShouldHave("""{"gaps":[{"to":null,"reason":"connectionLost"}]}""");
        interrupted.GetProperty("gaps")[0].GetProperty("from").GetString()!.ShouldStartWith($"{date}T");
    }

    [Fact]
    public async Task The_history_survives_the_registration()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.Zero });
        var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();

        await client.DisposeAsync();
        await Patience.UntilAsync(async () => (await testGateway.GetAsync("/v1/last/index/0001")).Status == 404);

        var day = (await UntilGapAsync(testGateway)).Json;
        day.GetProperty("series").GetProperty("price").GetArrayLength().ShouldBeGreaterThan(0);
        day.ShouldHave("""{"gaps":[{"reason":"notRegistered"}]}""");
    }

    [Fact]
    public async Task The_history_requires_the_right_to_the_feed()
    {
        await _testConsumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);

        (await testGateway.GetAsync(Kospi)).Status.ShouldBe(401);
        (await testGateway.GetAsync(Kospi, _testConsumers.Basic("bonds"))).Code.ShouldBe("feedNotAllowed");
        (await testGateway.GetAsync("/v1/history/H0IFCNI0/anna", _testConsumers.Basic("bonds"))).Code.ShouldBe("feedNotAllowed");
        (await testGateway.GetAsync(
            $"/v1/history/bond/KR103502GC97?approval_key={await _testConsumers.ApprovalKeyAsync(testGateway, "bonds")}")).Code
            .ShouldBe("notRegistered");
    }

    private static Task<WebReply> UntilGapAsync(TestGateway testGateway) => Patience.UntilAsync(
        () => testGateway.GetAsync(Kospi), reply => reply.Json.GetProperty("gaps").GetArrayLength() > 0);
}
