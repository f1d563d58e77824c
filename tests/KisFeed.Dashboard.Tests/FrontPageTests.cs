using System.Globalization;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Gateway;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

/// <summary>The tables of the first page, with records of known values.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class FrontPageTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Samsung = "005930";
    private const string Future = "A01612";
    private const string Apple = "DNASAAPL";

    private static readonly GatewayKey s_stock = new(StockTrade.Consolidated.Schema, Samsung);
    private static readonly GatewayKey s_future = new(FuturesTrade.Index.Schema, Future);
    private static readonly GatewayKey s_overseas = new(OverseasTrade.Feed.Schema, Apple);

    [Fact]
    public async Task Stocks_futures_and_overseas_instruments_have_their_prices_and_only_watched_sections_are_shown()
    {
        await using var service = await StagedService.OpenAsync([s_stock, s_future, s_overseas]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await SendStockAsync(service, "090001", "71900", "1200", "1.70", "3052507");
            await service.SendAsync(
                s_future.Feed, Future, ("Time", "090001"), ("Price", "350.45"), ("Change", "-1.25"), ("Sign", "5"), ("ChangeRate", "-0.36"),
                ("MarketBasis", "0.46"), ("AccumulatedVolume", "131498"), ("OpenInterest", "248113"));
            await service.SendAsync(
                s_overseas.Feed, Apple, ("Symbol", "AAPL"), ("PriceScale", "4"), ("Time", "090001"), ("Price", "231.4200"), ("Sign", "2"),
                ("Change", "1.6500"), ("ChangeRate", "0.72"), ("AccumulatedVolume", "6113418"), ("LocalTime", "200001"));

            await ExpectAsync(viewer.Stock(Samsung), ("price", "71,900"), ("change", "▲ 1,200"), ("changeRate", "+1.70%"),
                ("volume", "3,052,507"), ("time", "09:00:01"));
            await Expect(viewer.Stock(Samsung).Locator("a")).ToContainTextAsync("삼성전자");
            (await viewer.Stock(Samsung).Locator("a").GetAttributeAsync("href"))!.ShouldContain($"/stock/{Samsung}#watch=trade:{Samsung}");
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveAttributeAsync("data-direction", "up");
            var future = viewer.Page.Locator($"#futures tr[data-key='H0IFCNT0:{Future}']");
            await ExpectAsync(future, ("price", "350.45"), ("change", "▼ 1.25"), ("basis", "+0.46"), ("volume", "131,498"),
                ("openInterest", "248,113"));
            await Expect(Viewer.Field(future, "price")).ToHaveAttributeAsync("data-direction", "down");
            var apple = viewer.Page.Locator($"#overseas tr[data-key='HDFSCNT0:{Apple}']");
            await ExpectAsync(apple, ("price", "231.4200"), ("change", "▲ 1.6500"), ("volume", "6,113,418"));
            await Expect(apple).ToContainTextAsync("애플");
            await Expect(apple).ToContainTextAsync("AAPL");
            foreach (var absent in (string[])["#indexes", "#bonds", "#programs"])
                await Expect(viewer.Page.Locator(absent)).ToBeHiddenAsync();
        });
    }

    [Fact]
    public async Task A_volatility_interruption_and_a_halt_are_shown_in_the_row()
    {
        await using var service = await StagedService.OpenAsync([s_stock]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await service.SendAsync(s_stock.Feed, Samsung, ("Time", "090001"), ("Price", "71900"), ("Phase", "C"), ("IsHalted", "Y"));
            await Expect(viewer.Stock(Samsung).Locator(".state")).ToHaveTextAsync(["VI", "거래정지"]);

            await service.SendAsync(s_stock.Feed, Samsung, ("Time", "090301"), ("Price", "71900"), ("Phase", "0"), ("IsHalted", "N"));
            await Expect(viewer.Stock(Samsung).Locator(".state")).ToHaveCountAsync(0);
        });
    }

    [Fact]
    public async Task A_long_gap_does_not_cover_a_sparkline()
    {
        await using var service = await StagedService.OpenAsync([s_stock]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await SendStockAsync(service, "090001", "71900");
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveTextAsync("71,900");
            service.Drop();
            await Expect(viewer.HealthLine("gaps")).ToHaveTextAsync("1건");
            await Patience.UntilAsync(() => service.Gateway.Status.Registrations.All(r => r.IsRegistered));
            await SendStockAsync(service, "093001", "72000");
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveTextAsync("72,000");

            var trend = viewer.Stock(Samsung).Locator("canvas");
            await Expect(trend).ToHaveAttributeAsync("data-points", "2");
            var (shaded, strong) = await ShareAsync(trend);
            shaded.ShouldBeGreaterThan(0.8, "the gap is shaded");
            strong.ShouldBeLessThan(0.1, "the gap is not a block");
        });
    }

    [Fact]
    public async Task The_ranking_and_its_details_show_the_same_instant_and_leave_no_hole()
    {
        await using var host = await DashboardHost.OpenAsync(market => market with { Rate = 500 });
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Page.Locator("#programs tr.selected [data-field=netAll]")).Not.ToHaveTextAsync("–");

            var (changes, differences) = await viewer.Page.EvaluateAsync<int[]>(
                """
                async () => {
                  let changes = 0, differences = 0, before = "";
                  for (let frame = 0; frame < 240; frame++) {
                    await new Promise(requestAnimationFrame);
                    const row = document.querySelector("#programs tr.selected [data-field=netAll]").textContent;
                    if (row !== before) changes++;
                    if (row !== document.querySelector(".program-detail [data-field='net:all']").textContent) differences++;
                    before = row;
                  }
                  return [changes, differences];
                }
                """) is [var a, var b] ? (a, b) : throw new InvalidOperationException("the script returned an unexpected result");
            changes.ShouldBeGreaterThan(2);
            differences.ShouldBe(0);

            var ranking = (await viewer.Page.Locator("#programs .card").First.BoundingBoxAsync())!;
            var detail = (await viewer.Page.Locator(".program-detail").BoundingBoxAsync())!;
            detail.X.ShouldBe(ranking.X, 1);
            detail.Width.ShouldBe(ranking.Width, 1);
            (detail.Y - ranking.Y - ranking.Height).ShouldBeInRange(0, 20);
        });
    }

    [Fact]
    public async Task The_tables_fit_a_phone()
    {
        await using var service = await StagedService.OpenAsync([s_stock, s_future, s_overseas]);
        await VisitAsync(
            service.Address,
            async viewer =>
            {
                await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
                await SendStockAsync(service, "090001", "1187000", "3000", "0.25", "13052507");
                foreach (var field in (string[])["price", "changeRate", "volume"])
                {
                    await Expect(Viewer.Field(viewer.Stock(Samsung), field)).ToBeInViewportAsync(new() { Ratio = 1 });
                    await Expect(Viewer.Field(viewer.Stock(Samsung), field)).Not.ToBeEmptyAsync();
                }

                (await viewer.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(View.Phone.Width);
                await ScreenshotAsync(viewer, "front-phone");
            },
            View.Phone);
    }

    [Fact]
    public async Task The_page_does_not_grow_with_records()
    {
        await using var service = await StagedService.OpenAsync([s_stock, s_future, s_overseas]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await SendManyAsync(service, viewer, from: 0, count: 200);
            var before = await CountNodesAsync(viewer);

            await SendManyAsync(service, viewer, from: 200, count: 3_000);

            (await CountNodesAsync(viewer)).ShouldBe(before);
            int.Parse((await viewer.Stock(Samsung).Locator("canvas").GetAttributeAsync("data-points"))!, CultureInfo.InvariantCulture)
                .ShouldBeLessThanOrEqualTo(240);
        });
    }

    private static async Task SendManyAsync(StagedService service, Viewer viewer, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            await SendStockAsync(
                service, $"{TimeSpan.FromHours(9) + TimeSpan.FromSeconds(i):hhmmss}", $"{71_900 + (i % 7 * 100)}", volume: $"{i}");
        }

        await Expect(Viewer.Field(viewer.Stock(Samsung), "volume")).ToHaveTextAsync($"{from + count - 1:N0}");
    }

    private static Task<int> CountNodesAsync(Viewer viewer) => viewer.Page.EvaluateAsync<int>("document.querySelectorAll('*').length");

    private static Task SendStockAsync(
        StagedService service, string time, string price, string change = "1200", string rate = "1.70", string volume = "1000") =>
        service.SendAsync(
            s_stock.Feed, Samsung, ("Time", time), ("Price", price), ("Sign", "2"), ("Change", change), ("ChangeRate", rate),
            ("AccumulatedVolume", volume), ("Phase", "0"), ("IsHalted", "N"));

    private static async Task ExpectAsync(ILocator row, params (string Field, string Text)[] values)
    {
        foreach (var (field, text) in values)
            await Expect(Viewer.Field(row, field)).ToHaveTextAsync(text);
    }

    // The shares of pixels that are drawn at all, and that are not pale.
    private static async Task<(double Drawn, double Strong)> ShareAsync(ILocator canvas) => await canvas.EvaluateAsync<double[]>(
        """
        canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let drawn = 0, strong = 0;
          for (let i = 3; i < data.length; i += 4) { if (data[i] > 10) drawn++; if (data[i] > 70) strong++; }
          return [drawn / (data.length / 4), strong / (data.length / 4)];
        }
        """) is [var drawn, var strong] ? (drawn, strong) : throw new InvalidOperationException("the script returned an unexpected result");
}
