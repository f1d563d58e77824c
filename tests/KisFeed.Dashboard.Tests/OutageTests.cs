using System.Text.Json;
using KisFeed.Cli.Tests.Running;
using KisFeed.Dashboard.Day;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Simulator;

namespace KisFeed.Dashboard.Tests;

public sealed class OutageTests(Chromium chromium) : DashboardTests(chromium)
{
    private const double Speed = 10;
    private const int MostBlank = 10; // pixels of some 350 for two minutes

    private static readonly HttpClient s_web = new();

    // How Chromium says that nobody listens: pages cannot keep it from saying so.
    private static readonly string[] s_nobodyThere = ["net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE", "WebSocket connection to"];

    [Fact]
    public async Task An_outage_upstream_is_a_gap_that_begins_and_ends()
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Health("reconnects")).ToHaveTextAsync("0");

            host.Market.SetFaults(SimulatorFaults.None with { KickOnConnect = 1 }); // Holds it for some seconds.
            host.Market.DropConnections().ShouldBe(1);

            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "true");
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            var told = await viewer.News.InnerTextAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.News).Not.ToHaveTextAsync(told);
            await Expect(viewer.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            await Expect(viewer.Health("gaps")).Not.ToHaveTextAsync("0");
            await Expect(viewer.Health("reconnects")).Not.ToHaveTextAsync("0");
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    [Fact]
    public async Task Who_comes_after_an_outage_sees_its_gap_and_what_was_before_it()
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            host.Market.DropConnections().ShouldBe(1);
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");

            await using var late = await OpenAsync(host);

            await late.LiveAsync();
            await Expect(late.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(late.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            late.Complaints.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task After_a_reload_what_had_data_is_drawn_and_only_the_gap_is_shaded()
    {
        // Ten seconds of the market in one, and outages that are shorter than a second of it.
        var clock = new FastClock(Speed);
        await using var host = await DashboardHost.OpenAsync(
            market => market with { Rate = 20, TimeProvider = clock, HeartbeatInterval = market.HeartbeatInterval * Speed, HeartbeatTimeout = market.HeartbeatTimeout * Speed, SlowClientLimit = market.SlowClientLimit * Speed },
            gateway => gateway with { Upstream = gateway.Upstream with { Reconnect = QuickReconnect.Policy } });
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();
            await DropAsync(host, viewer, gaps: 1);
            await DropAsync(host, viewer, gaps: 2);
            await TimeGoesByAsync(host, TimeSpan.FromSeconds(75));
            var before = await DrawnAsync(viewer);
            await ShootAsync(viewer, "reload-before");

            await viewer.Page.ReloadAsync();
            await viewer.LiveAsync();

            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "2");
            await Patience.UntilAsync(async () => (await DrawnAsync(viewer)).Width > before.Width / 2);
            await ShootAsync(viewer, "reload-after");
            before.LongestBlank.ShouldBeLessThan(MostBlank);
            (await DrawnAsync(viewer)).LongestBlank.ShouldBeLessThan(MostBlank);
        });
    }

    [Fact]
    public async Task When_the_gateway_is_started_again_the_page_connects_by_itself_and_says_so()
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(host, async viewer =>
        {
            viewer.Expecting(s_nobodyThere);
            await viewer.LiveAsync();

            await host.StopGatewayAsync();

            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "lost");
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            var lost = await viewer.News.InnerTextAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.News).Not.ToHaveTextAsync(lost);
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.News).ToHaveTextAsync(lost);
            await host.StartGatewayAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.News).Not.ToHaveTextAsync(lost);
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).Not.ToHaveAttributeAsync("data-gaps", "0");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
        });
    }

    private static async Task DropAsync(DashboardHost host, Viewer viewer, int gaps)
    {
        await TimeGoesByAsync(host, TimeSpan.FromSeconds(15));
        host.Market.DropConnections().ShouldBe(1);
        await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", $"{gaps}");
        await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
    }

    // Of the market's time, as its records tell it.
    private static async Task TimeGoesByAsync(DashboardHost host, TimeSpan time)
    {
        var start = await TimeAsync(host);
        await Patience.UntilAsync(async () => await TimeAsync(host) >= start + time);
    }

    private static async Task<DateTimeOffset> TimeAsync(DashboardHost host)
    {
        using var last = JsonDocument.Parse(await s_web.GetStringAsync(new Uri(host.Address, "v1/last/index/0001")));
        return last.RootElement.GetProperty("timestamp").GetDateTimeOffset();
    }

    // How wide the course and its gaps are on the canvas, and the widest stretch in which there is neither.
    private static async Task<Drawing> DrawnAsync(Viewer viewer) => await viewer.Chart("0001").EvaluateAsync<int[]>(
        """
        figure => {
          const canvases = [...figure.querySelectorAll("canvas")].filter(c => c.getBoundingClientRect().height > 60).sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
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
        """) is [var width, var blank] ? new Drawing(width, blank) : throw new InvalidOperationException("the chart gave something else");

    private sealed record Drawing(int Width, int LongestBlank);
}
