using System.Globalization;
using System.Text.RegularExpressions;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

/// <summary>The page of a stock, from records of known values.</summary>
public sealed class StockPageTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Address = "/stock/" + StagedStock.Code;
    private const string Watched = "#watch=program:005930,program:000660,index:0001";

    [Fact]
    public async Task Price_book_and_trades_are_live()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("10:00:00", 80_400, 30, TradeSide.Buy);
        stock.Book("10:00:00", bestBid: 80_300, quantity: 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                await Expect(Head(viewer, "changeRate")).ToHaveTextAsync("+0.50%");
                await Expect(Level(viewer, "ask", 1)).ToContainTextAsync("80,400");
                await Expect(Level(viewer, "bid", 1)).ToContainTextAsync("80,300");
                (await LevelPricesAsync(viewer))
                    .ShouldBe(Enumerable.Range(0, 20).Select(n => Text(81_300 - (n * 100))), "offers above bids");

                stock.Trade("10:00:01", 80_600, 20, TradeSide.Buy);
                stock.Trade("10:00:02", 80_500, 25, TradeSide.Sell);
                stock.Book("10:00:02", bestBid: 80_400, quantity: 100);

                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,500");
                await Expect(Head(viewer, "high")).ToHaveTextAsync("80,600");
                await Expect(Head(viewer, "volume")).ToHaveTextAsync("75");
                await Expect(Head(viewer, "strength")).ToHaveTextAsync("200.00%");
                await Expect(Level(viewer, "ask", 1).Locator(".quantity")).ToHaveTextAsync("800");
                await Expect(Level(viewer, "bid", 2).Locator(".quantity")).ToHaveTextAsync("900");
                await Expect(Viewer.Field(viewer.Page.Locator("#book"), "totalAsk")).ToHaveTextAsync("6,500");
                await Expect(Viewer.Field(viewer.Page.Locator("#book"), "totalBid")).ToHaveTextAsync("6,500");
                await Expect(Level(viewer, "ask", 1)).ToHaveAttributeAsync("data-kind", "last");
                (await TapeAsync(viewer)).ShouldBe(
                    ["10:00:02 80,500 +500 매도 25", "10:00:01 80,600 +600 매수 20", "10:00:00 80,400 +400 매수 30"]);
                (await viewer.Page.TitleAsync()).ShouldStartWith("80,500 ▲ +0.62% 삼성전자");
                (await DepthAsync(viewer, "ask", 3)).ShouldBe(1, 0.01, "the greatest quantity of all levels has the whole width");
                (await DepthAsync(viewer, "ask", 1)).ShouldBe(800 / 1_100.0, 0.01);
            },
            path: Address);
    }

    [Fact]
    public async Task Candles_of_the_day_have_the_volume_of_their_trades()
    {
        await using var stock = await StagedStock.OpenAsync();
        await stock.PlayMorningAsync(minutes: 21);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                var legend = Viewer.Field(viewer.Page.Locator("#stock"), "candle");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "21");
                await Expect(legend).ToContainTextAsync("09:20");

                stock.Trade("09:21:03", 80_700, 11, TradeSide.Buy);
                stock.Trade("09:21:05", 80_900, 22, TradeSide.Buy);
                stock.Trade("09:21:09", 80_800, 33, TradeSide.Sell);

                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "22");
                await Expect(legend).ToHaveTextAsync(Normalized("09:21 시 80,700 고 80,900 저 80,700 종 80,800 량 66"));
                await viewer.Page.ClickAsync(".chart-card [data-choice='5']");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "5");
                await Expect(legend).ToContainTextAsync("09:20");
                await Expect(Chart(viewer).Locator("canvas").First).ToBeVisibleAsync();
                await Expect(Chart(viewer)).ToHaveAttributeAsync("aria-label", Matching("삼성전자 09:00부터 09:2"));
            },
            path: Address);
    }

    [Fact]
    public async Task A_volatility_interruption_and_a_halt_are_shown_where_they_happen()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("10:00:00", 80_400, 30, TradeSide.Buy);
        stock.Book("10:00:00", 80_300, 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                var head = viewer.Page.Locator("#stock-head");
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                await Expect(viewer.Page.Locator(".alert")).ToBeHiddenAsync();

                stock.Status(isVi: true);
                stock.Book("10:00:10", 80_300, 10, expected: (80_600, 1_234));
                await Expect(head).ToHaveAttributeAsync("data-vi", "true");
                await Expect(viewer.Page.Locator(".alert")).ToContainTextAsync("VI");
                await Expect(Head(viewer, "expected")).ToContainTextAsync("80,600 (+0.75%), 예상체결량 1,234");
                await Expect(Level(viewer, "ask", 3)).ToHaveAttributeAsync("data-kind", "expected");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-marks", "VI");
                await Expect(viewer.Page.Locator("#tape tr[data-kind='vi']")).ToContainTextAsync("VI 발동");
                stock.Expected("10:01:00", 80_900, 2_000);
                await Expect(Head(viewer, "expected")).ToContainTextAsync("80,900");

                stock.Status();
                stock.Trade("10:02:08", 80_900, 2_000, TradeSide.Buy);
                stock.Book("10:02:08", 80_800, 10);
                await Expect(head).ToHaveAttributeAsync("data-vi", "false");
                await Expect(Head(viewer, "expected")).ToBeHiddenAsync();
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-marks", "VI,VI 해제");

                stock.Status(isHalted: true, reason: "중요공시");
                await Expect(viewer.Page.Locator(".alert")).ToContainTextAsync("중요공시");
                await Expect(viewer.Page.Locator("#tape tr[data-kind='halt']")).ToContainTextAsync("거래정지");
            },
            path: Address);
    }

    [Fact]
    public async Task An_outage_is_shaded_in_the_chart_noted_among_the_trades_and_marks_the_book_as_not_current()
    {
        await using var stock = await StagedStock.OpenAsync();
        await stock.PlayMorningAsync(minutes: 5);
        stock.Book("09:05:01", 80_300, 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                var book = viewer.Page.Locator("#book");
                await Expect(book).ToHaveAttributeAsync("data-stale", "false");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-gap-open", "false");

                stock.Interrupt();

                await Expect(book).ToHaveAttributeAsync("data-stale", "true");
                await Expect(viewer.Page.Locator(".stale-note")).ToHaveTextAsync("현재 호가 아님: 09:05:01 기준");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-gap-open", "true");
                await Expect(viewer.Page.Locator("#tape tr[data-kind='gap']")).ToContainTextAsync("여기부터 데이터 누락: 연결 끊김");
                await Expect(viewer.Page.Locator("#stock-head")).ToHaveClassAsync(Matching("interrupted"));

                stock.MissTrades(500);
                stock.Trade("09:09:00", 80_700, 5, TradeSide.Buy);
                stock.Book("09:09:00", 80_600, 10);

                await Expect(book).ToHaveAttributeAsync("data-stale", "false");
                await Expect(viewer.Page.Locator(".stale-note")).ToBeHiddenAsync();
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-gap-open", "false");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-gaps", "1");
                await Expect(viewer.Page.Locator("#tape tr[data-kind='gap']")).ToContainTextAsync("09:09:00까지 누락: 연결 끊김, 500주");
            },
            path: Address);
    }

    [Fact]
    public async Task Another_exchange_is_chosen_and_part_of_the_address()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("10:00:00", 80_400, 30, TradeSide.Buy);
        stock.Trade("10:00:00", 80_700, 40, TradeSide.Sell, StockTrade.Krx);
        stock.Book("10:00:00", 80_600, 10, feed: StockOrderBook.Krx);
        stock.Program("10:00:00", ProgramTrade.Consolidated, 900, 1_000);
        stock.Program("10:00:00", ProgramTrade.Nxt, 300, 100);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                await Expect(Program(viewer, "all", "netVolume")).ToHaveTextAsync("−100");
                await Expect(Program(viewer, "nxt", "netVolume")).ToHaveTextAsync("+200");
                await Expect(Program(viewer, "krx", "netVolume")).ToHaveTextAsync("–");

                await viewer.Page.ClickAsync("#venue [data-choice='krx']");

                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,700");
                await Expect(Level(viewer, "ask", 1)).ToContainTextAsync("80,700");
                await Expect(Program(viewer, "nxt", "netVolume")).ToHaveTextAsync("+200");
                viewer.Page.Url.ShouldContain($"{Address}?venue=krx#watch=");
                await Expect(viewer.Page.Locator("#venue [data-choice='krx']")).ToBeFocusedAsync();
                await viewer.Page.ReloadAsync();
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,700");
                await viewer.Page.ClickAsync("#venue [data-choice='all']");
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "1");
            },
            path: Address);
    }

    [Fact]
    public async Task Offers_are_blue_and_bids_red_and_red_and_green_in_Western_colours_in_both_languages()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("10:00:00", 80_400, 30, TradeSide.Buy);
        stock.Book("10:00:00", 80_300, 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(viewer.Page.Locator("#book h3")).ToHaveTextAsync("호가");
                await Expect(Level(viewer, "ask", 1)).ToContainTextAsync("80,400");
                (await ColorAsync(viewer, "#book .share[data-side='ask']")).ShouldBeOf(most: 2, "offers");
                (await ColorAsync(viewer, "#book .share[data-side='bid']")).ShouldBeOf(most: 0, "bids");

                await viewer.Page.ClickAsync("#colors");
                (await ColorAsync(viewer, "#book .share[data-side='ask']")).ShouldBeOf(most: 0, "offers, Western");
                (await ColorAsync(viewer, "#book .share[data-side='bid']")).ShouldBeOf(most: 1, "bids, Western");

                await viewer.Page.ClickAsync("#language");
                await Expect(viewer.Page.Locator("#book h3")).ToHaveTextAsync("Order book");
                await Expect(Level(viewer, "ask", 1)).ToContainTextAsync("80,400");
                (await TapeAsync(viewer)).ShouldBe(["10:00:00 80,400 +400 buy 30"], "the trades are kept");
            },
            path: Address);
    }

    [Fact]
    public async Task The_page_is_reached_by_keyboard_from_the_search_and_by_links_from_the_watch_list()
    {
        await using var stock = await StagedStock.OpenAsync();
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await AccessibilityTests.TabToAsync(viewer, "#add");
                await viewer.Page.Keyboard.TypeAsync("trade:005930");
                await Expect(viewer.Suggestions).ToHaveCountAsync(2); // Its page, and adding it to the watch list.
                await viewer.Page.Keyboard.PressAsync("Enter");
                await Expect(viewer.Page.Locator("#stock-head")).ToHaveAttributeAsync("data-code", "005930");
                viewer.Page.Url.ShouldEndWith(Address + Watched);

                await AccessibilityTests.TabToAsync(viewer, "#add");
                await viewer.Page.Keyboard.TypeAsync("하이닉스");
                await Expect(viewer.Suggestions.First).ToBeVisibleAsync();
                await viewer.Page.Keyboard.PressAsync("Enter");
                await Expect(viewer.Page.Locator("#stock-head")).ToHaveAttributeAsync("data-code", "000660");

                await viewer.Page.ClickAsync(".chips a[href*='/stock/005930']");
                await Expect(viewer.Page.Locator("#stock-head")).ToHaveAttributeAsync("data-code", "005930");
                await AccessibilityTests.TabToAsync(viewer, "#to-market");
                await viewer.Page.Keyboard.PressAsync("Enter");
                await Expect(viewer.Index("0001")).ToBeVisibleAsync();
                viewer.Page.Url.ShouldEndWith("/" + Watched);
            },
            path: "/" + Watched);
    }

    [Fact]
    public async Task On_a_phone_one_view_is_shown_at_a_time_and_the_chips_have_one_line()
    {
        await using var stock = await StagedStock.OpenAsync();
        await stock.PlayMorningAsync(minutes: 3);
        stock.Book("09:03:01", 80_300, 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                (string, string)[] views = [("tape", "#tape"), ("chart", ".chart-card"), ("flow", "#program"), ("book", "#book")];
                foreach (var (choice, panel) in views)
                {
                    await AccessibilityTests.TabToAsync(viewer, $"#views [data-choice='{choice}']");
                    await viewer.Page.Keyboard.PressAsync("Enter");
                    foreach (var (_, other) in views)
                        await Expect(viewer.Page.Locator(other)).ToBeVisibleAsync(new() { Visible = other == panel });
                    (await viewer.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"))
                        .ShouldBeLessThanOrEqualTo(View.Phone.Width, choice);
                }

                (await viewer.Page.Locator(".chips").BoundingBoxAsync())!.Height.ShouldBeLessThan(48);
            },
            View.Phone,
            Address + Watched);
    }

    [Theory]
    [InlineData(false, "ko-KR")]
    [InlineData(true, "en-US")]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Axe_reports_no_serious_violations_and_no_text_is_cut_off(bool isDark, string language)
    {
        await using var stock = await StagedStock.OpenAsync();
        await stock.PlayMorningAsync(minutes: 30);
        stock.Book("09:30:01", 80_300, 1_000);
        foreach (var view in (View[])[View.Desktop, View.Phone])
        {
            await VisitAsync(
                stock.Gateway.RestUrl,
                async viewer =>
                {
                    await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", Matching("3[01]"));
                    stock.Status(isVi: true);
                    stock.Book("09:30:02", 80_300, 1_000, expected: (80_600, 1_234));
                    stock.Fill("09:30:02", StagedStock.Code, "0000117057", 10, 80_300);
                    stock.Fill("09:30:02", "000660", "0000117058", 10, 80_300);
                    await Expect(Head(viewer, "expected")).ToBeVisibleAsync();
                    await Expect(viewer.Orders).ToHaveCountAsync(1);
                    foreach (var choice in (string[])(view.HasTouch ? ["book", "tape", "chart", "flow"] : ["book"]))
                    {
                        await viewer.Page.EvaluateAsync(
                            "choice => document.querySelector(`#views [data-choice=${choice}]`).click()", choice);
                        (await AccessibilityTests.RunAxeAsync(viewer)).ShouldBeEmpty(choice);
                        (await viewer.Page.EvaluateAsync<string[]>(LayoutTests.FindLayoutProblems)).ShouldBeEmpty(choice);
                    }

                    foreach (var width in (int[])(view.HasTouch ? [320, 360] : [801, 1_024, 1_241, 1_920]))
                    {
                        await viewer.Page.SetViewportSizeAsync(width, 900);
                        (await viewer.Page.EvaluateAsync<string[]>(LayoutTests.FindLayoutProblems)).ShouldBeEmpty($"at {width} px");
                    }

                    stock.Status();
                },
                view with { IsDark = isDark, Language = language },
                Address);
        }
    }

    [Fact]
    public async Task The_page_does_not_grow_with_the_number_of_records()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("09:00:00", 80_400, 1, TradeSide.Buy);
        stock.Book("09:00:00", 80_300, 10);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                await PlayAsync(from: 0);
                await Expect(viewer.Page.Locator("#tape tr[data-number]")).ToHaveCountAsync(80);
                var elements = await CountAsync();
                for (var from = 1; from < 6; from++)
                    await PlayAsync(from);
                (await CountAsync()).ShouldBe(elements);

                async Task PlayAsync(int from)
                {
                    for (var i = 0; i < 1_000; i++)
                    {
                        var clock = StagedStock.ClockAt((from * 60) + (i / 17), 1 + (i * 3 % 50));
                        stock.Trade(clock, 80_000 + (i % 9 * 100), 1 + (i % 7), i % 2 == 0 ? TradeSide.Buy : TradeSide.Sell);
                        if (i % 4 == 0)
                            stock.Book(clock, 80_000 + (i % 9 * 100), 1 + (i % 30));
                    }

                    await stock.WaitUntilReadAsync();
                    await Expect(Head(viewer, "volume")).ToHaveTextAsync(Text(stock.Volume));
                }

                // The page's parts are drawn within half a second.
                Task<int> CountAsync() => viewer.Page.EvaluateAsync<int>(
                    "() => new Promise(done => setTimeout(() => done(document.querySelectorAll('*').length), 600))");
            },
            path: Address);
    }

    [Fact]
    public async Task Nothing_is_animated_for_viewers_who_prefer_reduced_motion()
    {
        await using var stock = await StagedStock.OpenAsync();
        stock.Trade("09:00:00", 80_400, 1, TradeSide.Buy);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await viewer.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
                await viewer.Page.EvaluateAsync(
                    """
                    () => {
                      window.animated = 0;
                      const own = Element.prototype.animate;
                      Element.prototype.animate = function (...options) { window.animated++; return own.apply(this, options) };
                    }
                    """);
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,400");
                stock.Trade("09:00:01", 80_500, 1, TradeSide.Buy);
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,500");
                (await viewer.Page.EvaluateAsync<int>("window.animated")).ShouldBe(0);

                await viewer.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.NoPreference });
                stock.Trade("09:00:02", 80_600, 1, TradeSide.Buy);
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,600");
                (await viewer.Page.EvaluateAsync<int>("window.animated")).ShouldBe(1);
            },
            path: Address);
    }

    [Fact]
    public async Task A_text_that_is_not_a_code_is_said()
    {
        await using var stock = await StagedStock.OpenAsync();
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(viewer.Page.Locator("#stock .problem")).ToContainTextAsync("삼성");
                await viewer.SearchInput.FillAsync("005930");
                await viewer.Page.Keyboard.PressAsync("Enter");
                await Expect(viewer.Page.Locator("#stock-head")).ToHaveAttributeAsync("data-code", "005930");
            },
            path: "/stock/%EC%82%BC%EC%84%B1");
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_recording_has_the_trades_before_the_page_was_opened_and_earlier_days()
    {
        using var folder = new CaptureFolder();
        await using var stock = await StagedStock.OpenAsync(options => options with
        {
            Recording = new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = folder.Path },
                Notices = true,
            },
        });
        await stock.PlayMorningAsync(minutes: 4);
        stock.Book("09:04:00", 80_300, 10);
        stock.Trade("09:04:01", 80_900, 77, TradeSide.Buy);
        await stock.WaitUntilReadAsync();
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(viewer.Page.Locator("#tape tr[data-number]").Nth(8)).ToBeVisibleAsync();
                (await TapeAsync(viewer))[0].ShouldBe("09:04:01 80,900 +900 매수 77");
                (await TapeAsync(viewer))[1].ShouldStartWith("09:03:48");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "5");
            },
            path: Address);
        await VisitAsync(
            stock.Gateway.RestUrl,
            async viewer =>
            {
                await Expect(viewer.Page.Locator("#day")).ToHaveAttributeAsync("data-state", "shown");
                await Expect(Head(viewer, "price")).ToHaveTextAsync("80,900");
                await Expect(Level(viewer, "bid", 1)).ToContainTextAsync("80,300");
                await Expect(Chart(viewer)).ToHaveAttributeAsync("data-candles", "5");
                await Expect(viewer.Page.Locator("#tape tr[data-number]").Nth(8)).ToBeVisibleAsync();
            },
            path: $"{Address}?date=2026-11-20");
    }

    private static ILocator Head(Viewer viewer, string field) => Viewer.Field(viewer.Page.Locator("#stock-head"), field);

    private static ILocator Chart(Viewer viewer) => viewer.Page.Locator("#stock-chart");

    private static ILocator Level(Viewer viewer, string side, int level) =>
        viewer.Page.Locator($"#book tr[data-side='{side}'][data-level='{level}']");

    private static ILocator Program(Viewer viewer, string venue, string field) =>
        Viewer.Field(viewer.Page.Locator($"#program tr[data-venue='{venue}']"), field);

    private static Task<string[]> LevelPricesAsync(Viewer viewer) =>
        viewer.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#book .level-price')].map(e => e.textContent)");

    private static Task<string[]> TapeAsync(Viewer viewer) => viewer.Page.EvaluateAsync<string[]>(
        "() => [...document.querySelectorAll('#tape tr[data-number]')].map(r => [...r.cells].map(c => c.textContent).join(' '))");

    private static Task<double> DepthAsync(Viewer viewer, string side, int level) => viewer.Page.EvaluateAsync<double>(
        "selector => (bar => bar.getBoundingClientRect().width / bar.parentElement.clientWidth)(document.querySelector(selector))",
        $"#book tr[data-side='{side}'][data-level='{level}'] .depth");

    private static async Task<int[]> ColorAsync(Viewer viewer, string selector) =>
        await viewer.Page.EvaluateAsync<int[]>(
            "selector => getComputedStyle(document.querySelector(selector)).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)",
            selector);

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static Regex Normalized(string text) => Matching(Regex.Escape(text).Replace("\\ ", "\\s+", StringComparison.Ordinal));

    private static Regex Matching(string pattern) => new(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
}
