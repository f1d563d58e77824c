using System.Text.Json;
using KisFeed.Cli.Tests.Running;
using KisFeed.Dashboard.Day;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Simulator;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class OutageTests(Chromium chromium) : DashboardTests(chromium)
{
    private const double Speed = 10;
    private const int MaxBlankPixels = 10; // pixels of some 350 for two minutes

    private static readonly HttpClient s_web = new();

    // Chromium's messages about refused and lost connections, which a page cannot suppress.
    private static readonly string[] s_connectionErrors =
    [
        "net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE",
        "WebSocket connection to",
    ];

    [Fact]
    public async Task An_outage_of_upstream_is_shown_as_a_gap_with_start_and_end()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Health("reconnects")).ToHaveTextAsync("0");

            host.Market.SetFaults(SimulatorFaults.None with { KickOnConnect = 1 }); // Keeps the connection interrupted for some seconds.
            host.Market.DropConnections().ShouldBe(1);

            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "true");
            await Expect(viewer.Notification).Not.ToBeEmptyAsync();
            var interruptionMessage = await viewer.Notification.InnerTextAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.Notification).Not.ToHaveTextAsync(interruptionMessage);
            await Expect(viewer.HealthLine("gaps")).ToHaveTextAsync("1건");
            await viewer.OpenHealthAsync();
            await Expect(viewer.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            await Expect(viewer.Health("gaps")).Not.ToHaveTextAsync("0");
            await Expect(viewer.Health("reconnects")).Not.ToHaveTextAsync("0");
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    [Fact]
    public async Task A_page_opened_after_an_outage_shows_its_gap_and_the_history()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
            host.Market.DropConnections().ShouldBe(1);
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");

            await using var late = await OpenAsync(host);

            await late.WaitForDataAsync();
            await Expect(late.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await late.OpenHealthAsync();
            await Expect(late.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            late.Problems.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task After_a_reload_all_data_are_drawn_and_only_the_gaps_are_shaded()
    {
        // The market runs ten times as fast; outages are shorter than one of its seconds.
        var clock = new FastClock(Speed);
        await using var host = await DashboardHost.OpenAsync(
            market => market with
            {
                Rate = 20,
                TimeProvider = clock,
                HeartbeatInterval = market.HeartbeatInterval * Speed,
                HeartbeatTimeout = market.HeartbeatTimeout * Speed,
                SlowClientLimit = market.SlowClientLimit * Speed,
            },
            gateway => gateway with { Upstream = gateway.Upstream.Service! with { Reconnect = QuickReconnect.Policy } });
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await DropConnectionAsync(host, viewer, gaps: 1);
            await DropConnectionAsync(host, viewer, gaps: 2);
            await WaitForMarketTimeAsync(host, TimeSpan.FromSeconds(75));
            var before = await MeasureDrawingAsync(viewer);
            await ScreenshotAsync(viewer, "reload-before");

            await viewer.Page.ReloadAsync();
            await viewer.WaitForDataAsync();

            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "2");
            await Patience.UntilAsync(async () => (await MeasureDrawingAsync(viewer)).Width > before.Width / 2);
            await ScreenshotAsync(viewer, "reload-after");
            before.LongestBlank.ShouldBeLessThan(MaxBlankPixels);
            (await MeasureDrawingAsync(viewer)).LongestBlank.ShouldBeLessThan(MaxBlankPixels);
        });
    }

    [Fact]
    public async Task The_page_reconnects_and_reports_it_when_the_gateway_restarts()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            viewer.ExpectProblems(s_connectionErrors);
            await viewer.WaitForDataAsync();

            await host.StopGatewayAsync();

            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "lost");
            await Expect(viewer.Notification).Not.ToBeEmptyAsync();
            var lost = await viewer.Notification.InnerTextAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.Notification).Not.ToHaveTextAsync(lost);
            await Expect(viewer.Notification).Not.ToBeEmptyAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.Notification).ToHaveTextAsync(lost);
            await host.StartGatewayAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.Notification).Not.ToHaveTextAsync(lost);
            await Expect(viewer.Notification).Not.ToBeEmptyAsync();
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).Not.ToHaveAttributeAsync("data-gaps", "0");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
        });
    }

    private static async Task DropConnectionAsync(DashboardHost host, Viewer viewer, int gaps)
    {
        await WaitForMarketTimeAsync(host, TimeSpan.FromSeconds(15));
        host.Market.DropConnections().ShouldBe(1);
        await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", $"{gaps}");
        await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
    }

    // In market time, from the timestamps of records.
    private static async Task WaitForMarketTimeAsync(DashboardHost host, TimeSpan time)
    {
        var start = await TimeAsync(host);
        await Patience.UntilAsync(async () => await TimeAsync(host) >= start + time);
    }

    private static async Task<DateTimeOffset> TimeAsync(DashboardHost host)
    {
        using var last = JsonDocument.Parse(await s_web.GetStringAsync(new Uri(host.Address, "v1/last/index/0001")));
        return last.RootElement.GetProperty("timestamp").GetDateTimeOffset();
    }

    // The width of the line and its gaps on the canvas, and of the widest blank part in between.
    private static async Task<Drawing> MeasureDrawingAsync(Viewer viewer) => await viewer.Chart("0001").EvaluateAsync<int[]>(
        """
        figure => {
          const canvases = [...figure.querySelectorAll("canvas")]
            .filter(c => c.getBoundingClientRect().height > 60)
            .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
          if (canvases.length === 0) return [0, 0];
          const left = canvases[0].getBoundingClientRect().left;
          const columns = new Array(canvases[0].width).fill(0);
          for (const canvas of canvases.filter(c => c.getBoundingClientRect().left === left)) {
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const { data, width, height } = copy.getImageData(0, 0, canvas.width, canvas.height);
            for (let x = 0; x < width; x++)
              for (let y = 0; y < height; y++) {
                const [r, g, b, a] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
                if (a > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 60) columns[x] = 1;
              }
          }
          const first = columns.indexOf(1), last = columns.lastIndexOf(1);
          let longest = 0, run = 0;
          for (const drawn of columns.slice(first, last + 1)) longest = Math.max(longest, run = drawn ? 0 : run + 1);
          return [last - first + 1, longest];
        }
        """) is [var width, var blank]
            ? new Drawing(width, blank)
            : throw new InvalidOperationException("the script returned an unexpected result");

    private sealed record Drawing(int Width, int LongestBlank);
}
