using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

[Trait(TestRun.Length, TestRun.Long)]
public sealed class WatchListTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Kia = "000270"; // 기아, which is not in the default watch list.

    [Theory]
    [InlineData("기아")]
    [InlineData("ㄱㅇ")]
    [InlineData(Kia)]
    public async Task A_stock_is_added_by_name_initials_or_code_and_receives_data(string text)
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();

            await viewer.SearchInput.FillAsync(text);
            await viewer.Page.Locator($"#suggestions [role=option][data-code='{Kia}']").First.ClickAsync();

            await Expect(viewer.Chips.Filter(new LocatorFilterOptions { HasText = "기아" })).ToHaveCountAsync(1);
            await Viewer.WaitForChangeAsync(viewer.Stock(Kia));
            viewer.Page.Url.ShouldContain($"trade:{Kia}");
            await Patience.UntilAsync(() => host.Gateway.Status.Registrations.Any(r => r.Key == Kia && r.IsRegistered));
        });
    }

    [Theory]
    [InlineData("trade:005930")]
    [InlineData("book-krx:005930")]
    public async Task A_key_of_a_stock_opens_its_page(string text)
    {
        await using var host = await DashboardHost.OpenAsync();
        await using var viewer = await OpenAsync(host);
        await viewer.WaitForDataAsync();

        await viewer.SearchInput.FillAsync(text);
        await viewer.SearchInput.PressAsync("Enter");

        await Expect(viewer.Page.Locator("#stock-head")).ToHaveAttributeAsync("data-code", "005930");
        new Uri(viewer.Page.Url).AbsolutePath.ShouldBe("/stock/005930");
        new Uri(viewer.Page.Url).Fragment.ShouldContain("trade:000660", Case.Sensitive, "the watch list is kept");
    }

    [Fact]
    public async Task The_charts_of_a_page_that_is_opened_again_are_complete()
    {
        await using var host = await DashboardHost.OpenAsync(
            gateway: options => options with { Keep = [], ReleaseGrace = TimeSpan.Zero, MinimumHold = TimeSpan.Zero });
        await VisitAsync(host, async viewer => await viewer.WaitForDataAsync());
        await Patience.UntilAsync(() => host.Gateway.Status.Totals.Streams == 0);

        host.Gateway.Status.Registrations.ShouldContain(r => r.Key == "0001" && r.Consumers == 0 && r.IsRegistered);
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Chart("0001").Locator("canvas").First).ToBeVisibleAsync();
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "0");
        });
    }

    [Fact]
    public async Task A_removed_key_disappears_from_the_page_the_address_and_the_gateway()
    {
        await using var host = await DashboardHost.OpenAsync(
            gateway: options => options with { Keep = [], ReleaseGrace = TimeSpan.Zero, MinimumHold = TimeSpan.Zero });
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();

            await viewer.Page.Locator("#watchlist li[data-target*='index:1001'] button").ClickAsync();

            await Expect(viewer.Index("1001")).ToHaveCountAsync(0);
            viewer.Page.Url.ShouldNotContain("index:1001");
            await Patience.UntilAsync(() => host.Gateway.Status.Registrations.All(r => r.Key != "1001"));
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    [Fact]
    public async Task A_shared_address_reproduces_the_view_without_order_notices()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Orders.First).ToBeVisibleAsync();
            await viewer.SearchInput.FillAsync("index:1028");
            await viewer.SearchInput.PressAsync("Enter");
            await Expect(viewer.Index("1028")).ToBeVisibleAsync();
            await viewer.Page.Locator("#watchlist li[data-target*='bond:KR103502GA34'] button").ClickAsync();
            await Expect(viewer.Bond("KR103502GA34")).ToHaveCountAsync(0);
            var address = new Uri(viewer.Page.Url);

            await using var other = await OpenAsync(host, path: address.PathAndQuery + address.Fragment);

            await Expect(other.Index("1028")).ToBeVisibleAsync();
            await other.WaitForDataAsync();
            (await TargetsAsync(other)).ShouldBe(await TargetsAsync(viewer));
            (await TargetsAsync(other)).ShouldContain(target => target.Contains("index:1028", StringComparison.Ordinal));
            await Expect(other.Bond("KR103502GA34")).ToHaveCountAsync(0);
            address.Fragment.ShouldNotContain("notice");
            address.Fragment.ShouldNotContain("DEMO");
            other.Problems.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task Invalid_keys_in_an_address_are_ignored_and_reported()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.WaitForDataAsync();
                (await TargetsAsync(viewer)).ShouldBe(["index:0001"]);
                await Expect(viewer.Notification).ToContainTextAsync("nonsense");
            },
            path: "/#watch=index:0001,nonsense,notice:OTHER");
    }

    [Fact]
    public async Task A_refused_key_is_marked_in_the_watch_list()
    {
        await using var host = await DashboardHost.OpenAsync(gateway: options =>
            options with { Keep = [], DashboardKeys = null, Upstream = options.Upstream.Service! with { MaxRegistrations = 4 } });
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await Expect(viewer.Orders.First).ToBeVisibleAsync();

            await viewer.SearchInput.FillAsync("index:1028");
            await viewer.SearchInput.PressAsync("Enter");

            await Expect(viewer.Page.Locator("#watchlist li.refused")).ToHaveCountAsync(1);
            await Expect(viewer.Notification).Not.ToBeEmptyAsync();
            await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    private static async Task<IReadOnlyList<string>> TargetsAsync(Viewer viewer) =>
        await viewer.Chips.EvaluateAllAsync<string[]>("all => all.map(li => li.dataset.target)");
}
