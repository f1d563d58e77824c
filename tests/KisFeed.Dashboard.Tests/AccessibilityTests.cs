using System.Text.Json;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Tests.Architecture;

namespace KisFeed.Dashboard.Tests;

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
                foreach (var isDark in (bool[])[false, true])
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
    public async Task Axe_finds_nothing_serious(bool isPhone, bool isDark, string language)
    {
        await LookAsync(
            shared.DashboardHost,
            async viewer =>
            {
                await viewer.LiveAsync();
                await Expect(viewer.Orders.First).ToBeVisibleAsync();
                (await ExamineAsync(viewer)).ShouldBeEmpty();

                await viewer.Page.ClickAsync("#colors");
                await viewer.Add.FillAsync("기");
                await Expect(viewer.Suggestions.First).ToBeVisibleAsync();
                (await ExamineAsync(viewer)).ShouldBeEmpty("with a list of suggestions, and in Western colours");
            },
            (isPhone ? View.Phone : View.Desktop) with { IsDark = isDark, Language = language });
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard_alone()
    {
        await LookAsync(shared.DashboardHost, async viewer =>
        {
            await viewer.LiveAsync();

            await TabToAsync(viewer, "#language");
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Root).ToHaveAttributeAsync("lang", "en");
            await Expect(viewer.Page.Locator("#language")).ToBeFocusedAsync();

            await TabToAsync(viewer, "#add");
            await viewer.Page.Keyboard.TypeAsync("현대");
            await Expect(viewer.Suggestions.First).ToBeVisibleAsync();
            await viewer.Page.Keyboard.PressAsync("ArrowDown");
            var active = await viewer.Add.GetAttributeAsync("aria-activedescendant");
            var code = await viewer.Page.Locator($"#{active}").GetAttributeAsync("data-code");
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Program(code!)).ToBeVisibleAsync();

            var chip = $"#watchlist li[data-target*='{code}']";
            await TabToAsync(viewer, $"{chip} button");
            await viewer.Page.Keyboard.PressAsync("Space");
            await Expect(viewer.Page.Locator(chip)).ToHaveCountAsync(0);
            await Expect(viewer.Page.Locator("#watchlist .chips button").Last).ToBeFocusedAsync(); // What stands beside what is gone.
        });
    }

    [Fact]
    public async Task What_has_the_focus_is_seen_to_have_it()
    {
        await LookAsync(shared.DashboardHost, async viewer =>
        {
            await viewer.LiveAsync();
            for (var i = 0; i < 8; i++)
            {
                await viewer.Page.Keyboard.PressAsync("Tab");
                (await viewer.Page.EvaluateAsync<bool>(
                    "() => { const s = getComputedStyle(document.activeElement); return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none' }")).ShouldBeTrue(
                    await viewer.Page.EvaluateAsync<string>("() => document.activeElement.outerHTML.slice(0, 200)"));
            }
        });
    }

    private static async Task TabToAsync(Viewer viewer, string selector)
    {
        const int Most = 80;
        for (var i = 0; i < Most; i++)
        {
            await viewer.Page.Keyboard.PressAsync("Tab");
            if (await viewer.Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
                return;
        }

        Assert.Fail($"{selector} is not reached with the tab key");
    }

    // Evaluated by the debugger, so that the page's policy need not let it in.
    private static async Task<IReadOnlyList<string>> ExamineAsync(Viewer viewer)
    {
        File.Exists(s_axe).ShouldBeTrue($"{s_axe} is missing: npm ci in web/ puts it there");
        await viewer.Page.EvaluateAsync(await File.ReadAllTextAsync(s_axe));
        await viewer.Page.EvaluateAsync("() => document.getAnimations().forEach((flash) => { flash.pause(); flash.currentTime = 0 })"); // At its strongest, whenever it began.
        var report = await viewer.Page.EvaluateAsync<JsonElement>("() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)");
        await viewer.Page.EvaluateAsync("() => document.getAnimations().forEach((flash) => flash.play())");
        return
        [
            .. report.EnumerateArray()
                .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(violation => $"{violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}: {string.Join(" | ", violation.GetProperty("nodes").EnumerateArray().Take(4).Select(node => $"{node.GetProperty("html").GetString()} {node.GetProperty("failureSummary").GetString()}"))}"),
        ];
    }
}
