using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Gateways;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Dashboard.Tests;

/// <summary>Recorded days in the page: yesterday from a capture that an earlier gateway recorded.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class RecordedDayTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Day = "#day";
    private const string DayText = "#day-text";

    private static readonly HttpClient s_web = new();
    private static readonly ShiftedTimeProvider s_yesterday = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9 - 24));
    private static readonly ShiftedTimeProvider s_today = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));

    [Fact]
    public async Task Yesterday_is_shown_with_values_charts_orders_and_a_way_back()
    {
        using var folder = new CaptureFolder();
        await using var host = await RecordYesterdayAsync(folder);
        var price = await LastPriceAsync(folder);
        await VisitAsync(
            host,
            async viewer =>
            {
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", "shown");
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-mode", "recorded");
                await Expect(viewer.Page.Locator(DayText)).ToContainTextAsync(
                    s_yesterday.GetUtcNow().ToOffset(TimeSpan.FromHours(9)).ToString("yyyy년 M월 d일", CultureInfo.InvariantCulture));
                await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "recorded");
                await Expect(Viewer.Field(viewer.Index("0001"), "price"))
                    .ToHaveTextAsync(price.ToString("N2", CultureInfo.InvariantCulture));
                await Expect(Viewer.Field(viewer.Index("0001"), "time")).ToContainTextAsync("09:0");
                await Expect(viewer.Chart("0001").Locator("canvas").First).ToBeVisibleAsync();
                await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "true");
                await Expect(Viewer.Field(viewer.Bond("KR103502GA34"), "price")).Not.ToHaveTextAsync("–");
                await Expect(viewer.Program("005930")).ToBeVisibleAsync();
                await Expect(Viewer.Field(viewer.Orders.First, "account")).ToContainTextAsync("••");
                await Expect(viewer.Page.Locator("#day-next")).ToHaveCountAsync(0);
                await ScreenshotAsync(viewer, "yesterday-desktop");

                // Another language builds the page again; the data stay.
                await viewer.Page.ClickAsync("#language");
                await Expect(viewer.Page.Locator(DayText)).ToContainTextAsync("Recorded day: ");
                await Expect(Viewer.Field(viewer.Index("0001"), "price"))
                    .ToHaveTextAsync(price.ToString("N2", CultureInfo.InvariantCulture));

                await viewer.Page.ClickAsync("#day-live");
                await viewer.WaitForDataAsync();
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-mode", "live");
                await viewer.Page.ClickAsync("#day-previous");
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", "shown");
                await Expect(Viewer.Field(viewer.Index("0001"), "price"))
                    .ToHaveTextAsync(price.ToString("N2", CultureInfo.InvariantCulture));
            },
            path: "/?date=yesterday");
    }

    [Fact]
    public async Task A_recorded_day_fits_a_phone()
    {
        using var folder = new CaptureFolder();
        await using var host = await RecordYesterdayAsync(folder);
        await VisitAsync(
            host,
            async viewer =>
            {
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", "shown");
                await Expect(viewer.Chart("0001").Locator("canvas").First).ToBeVisibleAsync();
                (await viewer.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(View.Phone.Width);
                await ScreenshotAsync(viewer, "yesterday-phone");
            },
            View.Phone,
            $"/?date={Text(s_yesterday)}#watch=index:0001,program:005930,index:2001");
    }

    [Fact]
    public async Task A_day_that_was_not_recorded_is_said_and_others_are_offered()
    {
        using var folder = new CaptureFolder();
        await using var host = await RecordYesterdayAsync(folder);
        foreach (var (date, state, text) in new[] { ("2020-01-02", "notRecorded", "2020"), ("christmas", "invalid", "christmas") })
        {
            await VisitAsync(
                host,
                async viewer =>
                {
                    await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", state);
                    await Expect(viewer.Page.Locator(DayText)).ToContainTextAsync(text);
                    await viewer.Page.FillAsync("#day-date", Text(s_yesterday));
                    await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", "shown");
                },
                path: $"/?date={date}");
        }
    }

    [Fact]
    public async Task Without_a_recording_the_page_says_so()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(
            host,
            async viewer =>
            {
                await Expect(viewer.Page.Locator(Day)).ToHaveAttributeAsync("data-state", "noHistory");
                await Expect(viewer.Page.Locator(DayText)).ToContainTextAsync("--record");
                await viewer.Page.ClickAsync("#day-live");
                await viewer.WaitForDataAsync();
                await Expect(viewer.Page.Locator(Day)).ToBeHiddenAsync();
            },
            path: "/?date=yesterday");
    }

    [Fact]
    public async Task Charts_of_a_restarted_gateway_begin_with_the_recorded_morning()
    {
        using var folder = new CaptureFolder();
        await using var host = await DashboardHost.OpenAsync(gateway: options => Recording(options, folder, s_today));
        await Patience.UntilAsync(() => host.Gateway.Status.Recording!.Received > 500);
        await host.StopGatewayAsync();
        await host.StartGatewayAsync();
        await Patience.UntilAsync(() => host.Gateway.Status.Totals.FramesReceived > 100);
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.Page.Locator("#gap-list li").First).ToContainTextAsync("기록되지 않음");
        });
    }

    private static async Task<DashboardHost> RecordYesterdayAsync(CaptureFolder folder)
    {
        var host = await DashboardHost.OpenAsync(market => market with { Rate = 400 }, options => Recording(options, folder, s_yesterday));
        await Patience.UntilAsync(() => host.Gateway.Status.Recording!.Received > 1_000);
        await Patience.UntilAsync(async () => await CountNoticesAsync(host) > 0);
        await host.StopGatewayAsync();
        await host.StartGatewayAsync(options => Recording(options, folder, s_today));
        await Patience.UntilAsync(() => host.Gateway.Status.Recording!.Flushed > 0);
        return host;
    }

    private static GatewayOptions Recording(GatewayOptions options, CaptureFolder folder, ShiftedTimeProvider clock) => options with
    {
        TimeProvider = clock,
        Upstream = options.Upstream.Service! with { TimeProvider = clock },
        Keep = [.. DemoTargets.Keys, new GatewayKey(OrderNotice.Feed.Schema, DemoTargets.HtsId)],
        Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path }, Notices = true },
    };

    private static async Task<int> CountNoticesAsync(DashboardHost host)
    {
        var notices = await s_web.GetStringAsync(
            new Uri(host.Address, $"v1/records?subscribe={OrderNotice.Feed.Schema.TrId}:{DemoTargets.HtsId}"));
        return JsonSerializer.Deserialize<JsonElement>(notices).GetProperty("items").EnumerateArray()
            .Count(item => item.TryGetProperty("accountNumber", out _));
    }

    private static async Task<decimal> LastPriceAsync(CaptureFolder folder)
    {
        decimal? price = null;
        await foreach (var trade in CaptureReader.Open(Path.Combine(folder.Path, Text(s_yesterday))).ReadAsync(IndexTrade.Feed, "0001"))
            price = trade.Price;
        return price!.Value;
    }

    private static string Text(TimeProvider clock) =>
        clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
