using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

/// <summary>The page of a stock, from records of known values.</summary>
public sealed class StockPageTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Path = "/stock/" + StagedStock.Code;

    [Fact]
    public async Task Screenshots()
    {
        await using var stock = await StagedStock.OpenAsync();
        await stock.PlayMorningAsync(150);
        stock.Book("11:30:01", 80_900, 900);
        foreach (var (name, view) in new[]
        {
            ("desktop-ko", View.Desktop with { Height = 900 }), ("desktop-en-dark", View.Desktop with { Height = 900, Language = "en-US", IsDark = true }),
            ("phone-ko", View.Phone), ("phone-en", View.Phone with { Language = "en-US" }),
        })
        {
            await using var viewer = await OpenAsync(stock.Gateway.RestUrl, view, Path);
            await Expect(viewer.Page.Locator("table.book")).ToBeVisibleAsync();
            for (var i = 0; i < 40; i++)
                stock.Trade($"11:30:{i + 2:00}", 80_900 + (i % 3 * 100), 10 + i, i % 3 == 0 ? TradeSide.Buy : TradeSide.Sell);
            await Task.Delay(1500);
            await viewer.Page.ScreenshotAsync(new PageScreenshotOptions { Path = $"/work/shots/page-{name}.png" });
            Console.WriteLine(string.Join('\n', viewer.Problems));
        }
    }
}
