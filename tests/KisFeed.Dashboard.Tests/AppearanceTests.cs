using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class AppearanceTests(Chromium chromium, SharedDashboardHost shared) : DashboardTests(chromium)
{
    [Theory]
    [InlineData("ko-KR", "ko", "en")]
    [InlineData("en-GB", "en", "ko")]
    public async Task The_language_follows_the_browser_and_a_change_is_kept(string browsers, string first, string second)
    {
        await VisitAsync(
            shared.DashboardHost,
            async viewer =>
            {
                var heading = viewer.Page.Locator("#health h2");
                await Expect(viewer.Root).ToHaveAttributeAsync("lang", first);
                await viewer.WaitForDataAsync();
                var before = await heading.InnerTextAsync();
                var title = await viewer.Page.TitleAsync();

                await viewer.Page.ClickAsync("#language");

                await Expect(viewer.Root).ToHaveAttributeAsync("lang", second);
                await Expect(heading).Not.ToHaveTextAsync(before);
                await Expect(viewer.Page).Not.ToHaveTitleAsync(title);
                IsKorean(await heading.InnerTextAsync()).ShouldBe(second == "ko");
                await viewer.WaitForDataAsync();
                await viewer.Page.ReloadAsync();
                await Expect(viewer.Root).ToHaveAttributeAsync("lang", second);
            },
            View.Desktop with { Language = browsers });
    }

    [Fact]
    public async Task Red_is_up_until_Western_colours_are_chosen()
    {
        await VisitAsync(shared.DashboardHost, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Root).ToHaveAttributeAsync("data-colors", "korean");
            var moves = viewer.Page.Locator("[data-direction=up] [data-field=change]").First;
            await Expect(moves).ToBeVisibleAsync();
            (await ColorAsync(moves)).ShouldBeOf(most: 0, "red is up");

            await viewer.Page.ClickAsync("#colors");

            await Expect(viewer.Root).ToHaveAttributeAsync("data-colors", "western");
            await viewer.WaitForDataAsync();
            (await ColorAsync(viewer.Page.Locator("[data-direction=up] [data-field=change]").First)).ShouldBeOf(most: 1, "green is up");
            await viewer.Page.ReloadAsync();
            await Expect(viewer.Root).ToHaveAttributeAsync("data-colors", "western");
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_theme_follows_the_system_and_a_change_is_kept(bool isDark)
    {
        var (first, second) = isDark ? ("dark", "light") : ("light", "dark");
        await VisitAsync(
            shared.DashboardHost,
            async viewer =>
            {
                await Expect(viewer.Root).ToHaveAttributeAsync("data-theme", first);
                await viewer.WaitForDataAsync();
                (await BrightnessAsync(viewer) < 0.5).ShouldBe(isDark);

                await viewer.Page.ClickAsync("#theme");

                await Expect(viewer.Root).ToHaveAttributeAsync("data-theme", second);
                (await BrightnessAsync(viewer) < 0.5).ShouldBe(!isDark);
                await viewer.WaitForDataAsync();
                await viewer.Page.ReloadAsync();
                await Expect(viewer.Root).ToHaveAttributeAsync("data-theme", second);
            },
            View.Desktop with { IsDark = isDark });
    }

    [Fact]
    public async Task The_chart_is_a_line_or_candles()
    {
        await VisitAsync(
            shared.DashboardHost,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                var candles = viewer.Page.Locator("#indexes").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "1 min" });
                var before = await candles.GetAttributeAsync("aria-pressed");

                await candles.ClickAsync();

                before.ShouldBe("false");
                await Expect(viewer.Page.Locator("#indexes").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "1 min" }))
                    .ToHaveAttributeAsync("aria-pressed", "true");
                await viewer.WaitForDataAsync();
            },
            View.Desktop with { Language = "en-US" });
    }

    private static bool IsKorean(string text) => text.Any(c => c is >= '가' and <= '힣');

    private static async Task<int[]> ColorAsync(ILocator locator) =>
        await locator.EvaluateAsync<int[]>("e => { const c = document.createElement('canvas').getContext('2d'); "
            + "c.fillStyle = getComputedStyle(e).color; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data.slice(0, 3)] }");

    private static async Task<double> BrightnessAsync(Viewer viewer)
    {
        var color = await viewer.Page.Locator("body").EvaluateAsync<int[]>(
            "e => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(e).backgroundColor; "
            + "c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data.slice(0, 3)] }");
        return color.Sum() / (3 * 255.0);
    }
}
