using System.Text.Json;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class AccessibilityTests(Chromium chromium, SharedDashboardHost shared) : DashboardTests(chromium)
{
    private static readonly string s_axe = Path.Combine(RepositoryRoot.Path, "web", "node_modules", "axe-core", "axe.min.js");

    public static TheoryData<bool, bool, string> Views
    {
        get
        {
            var views = new TheoryData<bool, bool, string>();
            foreach (var isPhone in (bool[])[false, true])
            {
                foreach (var isDark in TestRun.IsFull ? (bool[])[false, true] : [isPhone])
                {
                    views.Add(isPhone, isDark, "ko-KR");
                    views.Add(isPhone, isDark, "en-US");
                }
            }

            return views;
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_reports_no_serious_violations(bool isPhone, bool isDark, string language)
    {
        await VisitAsync(
            shared.DashboardHost,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                await Expect(viewer.Orders.First).ToBeVisibleAsync();
                (await RunAxeAsync(viewer)).ShouldBeEmpty();

                await viewer.Page.ClickAsync("#colors");
                await viewer.SearchInput.FillAsync("기");
                await Expect(viewer.Suggestions.First).ToBeVisibleAsync();
                (await RunAxeAsync(viewer)).ShouldBeEmpty("with suggestions and Western colours");

                await viewer.SearchInput.FillAsync("");
                await viewer.OpenHealthAsync();
                (await RunAxeAsync(viewer)).ShouldBeEmpty("with the state of the data");

                await viewer.Page.ClickAsync("#alerts-open");
                await viewer.Page.ClickAsync("#alerts form button");
                await Expect(viewer.Page.Locator("#alert-list li")).ToHaveCountAsync(1);
                (await RunAxeAsync(viewer)).ShouldBeEmpty("with alerts");
            },
            (isPhone ? View.Phone : View.Desktop) with { IsDark = isDark, Language = language });
    }

    [Fact]
    public async Task All_actions_work_with_the_keyboard()
    {
        await VisitAsync(shared.DashboardHost, async viewer =>
        {
            await viewer.WaitForDataAsync();

            await TabToAsync(viewer, "#language");
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Root).ToHaveAttributeAsync("lang", "en");
            await Expect(viewer.Page.Locator("#language")).ToBeFocusedAsync();

            await TabToAsync(viewer, "#add");
            await viewer.Page.Keyboard.TypeAsync("현대");
            await Expect(viewer.Suggestions.First).ToBeVisibleAsync();
            for (var i = 0; i < 3; i++) // Past the page and the program trading of the best match.
                await viewer.Page.Keyboard.PressAsync("ArrowDown");
            var active = await viewer.SearchInput.GetAttributeAsync("aria-activedescendant");
            var code = await viewer.Page.Locator($"#{active}").GetAttributeAsync("data-code");
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Stock(code!)).ToBeVisibleAsync();

            var chip = $"#watchlist li[data-target*='{code}']";
            await TabToAsync(viewer, $"{chip} button");
            await viewer.Page.Keyboard.PressAsync("Space");
            await Expect(viewer.Page.Locator(chip)).ToHaveCountAsync(0);
            await Expect(viewer.Page.Locator("#watchlist .chips button").Last).ToBeFocusedAsync(); // The neighbour of the removed entry.
        });
    }

    [Fact]
    public async Task The_focused_element_has_a_visible_focus_indicator()
    {
        await VisitAsync(shared.DashboardHost, async viewer =>
        {
            await viewer.WaitForDataAsync();
            for (var i = 0; i < 8; i++)
            {
                await viewer.Page.Keyboard.PressAsync("Tab");
                (await viewer.Page.EvaluateAsync<bool>(
                    "() => { const s = getComputedStyle(document.activeElement); return (s.outlineStyle !== 'none' && "
                    + "parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none' }")).ShouldBeTrue(
                    await viewer.Page.EvaluateAsync<string>("() => document.activeElement.outerHTML.slice(0, 200)"));
            }
        });
    }

    internal static async Task TabToAsync(Viewer viewer, string selector)
    {
        const int MaxTabs = 80;
        for (var i = 0; i < MaxTabs; i++)
        {
            await viewer.Page.Keyboard.PressAsync("Tab");
            if (await viewer.Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
                return;
        }

        Assert.Fail($"{selector} cannot be reached with the tab key");
    }

    // Evaluated by the debugger, which bypasses the page's Content-Security-Policy.
    internal static async Task<IReadOnlyList<string>> RunAxeAsync(Viewer viewer)
    {
        File.Exists(s_axe).ShouldBeTrue($"{s_axe} is missing: run npm ci in web/");
        await viewer.Page.EvaluateAsync(await File.ReadAllTextAsync(s_axe));
        // The contrast is checked at the strongest highlight.
        await viewer.Page.EvaluateAsync("() => document.getAnimations().forEach((flash) => { flash.pause(); flash.currentTime = 0 })");
        var report = await viewer.Page.EvaluateAsync<JsonElement>(
            "() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)");
        await viewer.Page.EvaluateAsync("() => document.getAnimations().forEach((flash) => flash.play())");
        return
        [
            .. report.EnumerateArray()
                .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(violation => $"{Text(violation, "id")}: {Text(violation, "help")}: {NodesOf(violation)}"),
        ];

        static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

        static string NodesOf(JsonElement violation) => string.Join(
            " | ",
            violation.GetProperty("nodes").EnumerateArray().Take(4).Select(node => $"{Text(node, "html")} {Text(node, "failureSummary")}"));
    }
}
