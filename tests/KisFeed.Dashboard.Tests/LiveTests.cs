using System.Globalization;
using System.Text.Json;
using KisFeed.Cli.Gateways;
using KisFeed.Cli.Tests.Running;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Simulator;

namespace KisFeed.Dashboard.Tests;

public sealed class LiveTests(Chromium chromium) : DashboardTests(chromium)
{
    private static readonly HttpClient s_web = new();

    [Fact]
    public async Task Values_of_every_feed_are_shown_and_updated()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            foreach (var value in new[]
            {
                Viewer.Field(viewer.Index("0001"), "price"),
                Viewer.Field(viewer.Index("1001"), "turnover"),
                Viewer.Field(viewer.Index("2001"), "changeRate"),
                Viewer.Field(viewer.Bond("KR103502GA34"), "time"),
                viewer.Stock("005930"),
                viewer.Program("005930"),
                viewer.Orders.First,
            })
            {
                await Expect(value).Not.ToBeEmptyAsync();
                await Viewer.WaitForChangeAsync(value);
            }

            await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "simulation");
            await Expect(viewer.Index("0001").Locator("canvas").First).ToBeVisibleAsync();
            await Expect(viewer.Index("0001").Locator(".breadth")).ToBeVisibleAsync();
        });
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_simulator_as_upstream_is_marked_once_it_has_identified_itself()
    {
        using var port = ReservedPort.Take();
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with
        {
            Source = DataSource.Service,
            Upstream = options.Upstream.Service! with
            {
                WebSocketUrl = new Uri($"ws://127.0.0.1:{port.Number}"),
                Reconnect = QuickReconnect.Policy,
            },
        });
        await VisitAsync(host, async viewer =>
        {
            await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "service");

            await using var market = await SimulatorServer.StartAsync(
                new SimulatorOptions { Port = port.Number, Rate = 100, HtsId = DemoTargets.HtsId });

            await viewer.WaitForDataAsync();
            await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "simulation");
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "simulation");
        });
    }

    [Fact]
    public async Task The_shown_values_are_the_latest_ones()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            host.Market.Silence().ShouldBeGreaterThan(0);

            foreach (var code in (string[])["0001", "1001", "2001"])
            {
                foreach (var field in (string[])["price", "change", "changeRate", "open", "high", "low"])
                {
                    await Patience.UntilAsync(
                        async () => Math.Abs(NumberIn(await Viewer.Field(viewer.Index(code), field).InnerTextAsync())) == Math.Abs(
                            await LastAsync(host, "index", code, field)),
                        $"{code} {field}");
                }
            }

            foreach (var field in (string[])["price", "yield", "change"])
            {
                await Patience.UntilAsync(
                    async () => Math.Abs(NumberIn(await Viewer.Field(viewer.Bond("KR103502GA34"), field).InnerTextAsync())) == Math.Abs(
                        await LastAsync(host, "bond", "KR103502GA34", field)),
                    field);
            }
        });
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Market_time_is_Korean_time_in_every_time_zone()
    {
        await using var host = await DashboardHost.OpenAsync(market => market with { StartAt = new TimeOnly(11, 0) });
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                await Expect(Viewer.Field(viewer.Index("0001"), "time")).ToContainTextAsync("11:0");
            },
            View.Desktop with { TimeZone = "America/New_York", Language = "en-US" });
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task The_health_panel_shows_figures()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.HealthLine("connection")).ToHaveTextAsync("정상");
            await Expect(viewer.HealthLine("gaps")).ToHaveTextAsync("없음");
            await Expect(viewer.HealthLine("delay")).Not.ToHaveTextAsync("–");
            await viewer.OpenHealthAsync();
            await Expect(viewer.Health("slots")).ToContainTextAsync("41");
            await Expect(viewer.Health("slots"))
                .ToContainTextAsync(host.Gateway.Status.Registrations.Count.ToString(CultureInfo.InvariantCulture));
            await Patience.UntilAsync(
                async () => NumberIn(await viewer.Health("rate").InnerTextAsync()) > 0, "the rate of frames is positive");
            await Expect(viewer.Health("gaps")).ToHaveTextAsync("0");
            await Expect(viewer.Health("drops")).ToHaveTextAsync("0");
            await Expect(viewer.Health("reconnects")).ToHaveTextAsync("0");
            foreach (var field in (string[])["session", "delay", "consumers", "recording"])
                await Expect(viewer.Health(field)).Not.ToHaveTextAsync("–");
        });
    }

    private static decimal NumberIn(string text) =>
        decimal.TryParse(
            string.Concat(text.Where(c => char.IsAsciiDigit(c) || c is '.')),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var number)
            ? number
            : decimal.MinValue;

    private static async Task<decimal> LastAsync(DashboardHost host, string feed, string key, string field)
    {
        var last = JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri(host.Address, $"v1/last/{feed}/{key}")));
        return decimal.Parse(last.GetProperty(field).ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
