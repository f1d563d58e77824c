using System.Text.RegularExpressions;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class LayoutTests(Chromium chromium) : DashboardTests(chromium)
{
    // Texts of different elements that overlap, and texts that their own box cuts off. Elements for screen readers have a box of one pixel.
    internal const string FindLayoutProblems =
        """
        () => {
          const tag = (e) => `<${e.localName}${e.id ? '#' + e.id : ''}${e.dataset.field ? ' ' + e.dataset.field : ''}>`;
          const name = (e) => `${tag(e)} ${e.textContent.trim().slice(0, 40)}`;
          const isShown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.clientWidth !== 1;
          // Rows that are scrolled out of a table are not visible.
          const visible = (e, { left, top, right, bottom }) => {
            for (let p = e; p; p = p.parentElement) {
              const { overflowX, overflowY } = getComputedStyle(p);
              if (!/auto|scroll/.test(overflowX + overflowY)) continue;
              const c = p.getBoundingClientRect();
              [left, top] = [Math.max(left, c.left), Math.max(top, c.top)];
              [right, bottom] = [Math.min(right, c.right), Math.min(bottom, c.bottom)];
            }
            return { left, top, right, bottom };
          };
          const words = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const e = node.parentElement;
            if (node.data.trim() === '' || !isShown(e) || e.closest('.visually-hidden, noscript, script, style')) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            for (const rect of range.getClientRects()) {
              const box = visible(e, rect);
              if (box.right - box.left > 1 && box.bottom - box.top > 1) words.push({ e, box });
            }
          }
          const trouble = [];
          for (let i = 0; i < words.length; i++) {
            for (let k = i + 1; k < words.length; k++) {
              const [a, b] = [words[i], words[k]];
              const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
              const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
              if (a.e !== b.e && width > 2 && height > 4) trouble.push(`${name(a.e)} lies over ${name(b.e)}`);
            }
          }
          for (const e of document.body.querySelectorAll('*')) {
            const style = getComputedStyle(e);
            const isCut = e.scrollWidth > e.clientWidth + 1 && /^(hidden|clip)$/.test(style.overflowX) && e.localName !== 'canvas';
            if (isCut && isShown(e) && !e.closest('.chart, .visually-hidden') && e.clientWidth > 0)
              trouble.push(`${name(e)} is cut: ${e.scrollWidth} of ${e.clientWidth} px`);
          }
          const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
          if (wide > 0) trouble.push(`the page is ${wide} px too wide`);
          return [...new Set(trouble)].slice(0, 20);
        }
        """;

    [Theory]
    [InlineData("ko-KR")]
    [InlineData("en-US")]
    public async Task No_text_overlaps_or_is_cut_off_at_any_screen_width(string language)
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                await Expect(viewer.Orders.First).ToBeVisibleAsync();
                foreach (var width in (int[])[320, 360, 390, 600, 768, 1024, 1280, 1440, 1920])
                {
                    await viewer.Page.SetViewportSizeAsync(width, 900);
                    (await viewer.Page.EvaluateAsync<string[]>(FindLayoutProblems)).ShouldBeEmpty($"at {width} px");
                }
            },
            View.Desktop with { Language = language });
    }

    [Fact]
    public async Task The_layout_holds_with_text_twice_as_large()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await viewer.Page.EvaluateAsync("() => { document.documentElement.style.fontSize = '200%' }");
            (await viewer.Page.EvaluateAsync<string[]>(FindLayoutProblems)).ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task Screenshots_of_the_page_are_taken()
    {
        await using var host = await Morning.CreateAsync();
        (string Name, View View)[] screenshots =
        [
            ("desktop-light", View.Desktop with { Language = "en-US" }),
            ("phone-dark", View.Phone with { IsDark = true, Language = "en-US" }),
            ("desktop-dark", View.Desktop with { IsDark = true }),
            ("phone-light", View.Phone),
        ];
        foreach (var (name, view) in screenshots)
        {
            await VisitAsync(
                host,
                async viewer =>
                {
                    await viewer.WaitForDataAsync();
                    await Expect(viewer.Orders.First).ToBeVisibleAsync();
                    await Expect(viewer.Chart("0001")).Not.ToHaveAttributeAsync("data-gaps", "0");
                    // The history has been loaded.
                    await Expect(viewer.Page.Locator(".program-detail figure"))
                        .ToHaveAttributeAsync("aria-label", new Regex("09:0[0-9]", RegexOptions.None, TimeSpan.FromSeconds(1)));
                    await Expect(viewer.Page.Locator(".sparkline").Last)
                        .ToHaveAttributeAsync("data-points", new Regex("[0-9]{2}", RegexOptions.None, TimeSpan.FromSeconds(1)));
                    await Expect(viewer.Health("rate")).Not.ToHaveTextAsync("–");
                    (await viewer.Page.EvaluateAsync<string[]>(FindLayoutProblems)).ShouldBeEmpty(name);
                    (await HasKoreanLettersAsync(viewer))
                        .ShouldBeTrue("a font with Korean letters is required: install the package fonts-noto-cjk (Debian)");
                    await ScreenshotAsync(viewer, name);
                },
                view);
        }
    }

    // Letters without a glyph are all drawn as the same box.
    private static Task<bool> HasKoreanLettersAsync(Viewer viewer) => viewer.Page.EvaluateAsync<bool>(
        """
        () => {
          const draw = (letter) => {
            const context = Object.assign(document.createElement('canvas'), { width: 40, height: 40 }).getContext('2d');
            context.font = `32px ${getComputedStyle(document.body).fontFamily}`;
            context.fillText(letter, 2, 34);
            return context.getImageData(0, 0, 40, 40).data.join();
          };
          return draw('한') !== draw('글');
        }
        """);
}
