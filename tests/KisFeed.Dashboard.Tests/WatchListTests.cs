using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

public sealed class WatchListTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Kia = "000270"; // 기아, which nobody watches by default.

    [Theory]
    [InlineData("기아")]
    [InlineData("ㄱㅇ")]
    [InlineData(Kia)]
    public async Task A_stock_is_added_by_its_name_its_initials_or_its_code_and_comes_alive(string text)
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();

            await viewer.Add.FillAsync(text);
            await viewer.Page.Locator($"#suggestions [role=option][data-code='{Kia}']").ClickAsync();

            await Expect(viewer.Chips.Filter(new LocatorFilterOptions { HasText = "기아" })).ToHaveCountAsync(1);
            await Viewer.ChangesAsync(viewer.Program(Kia));
            viewer.Page.Url.ShouldContain($"program:{Kia}");
            await Patience.UntilAsync(() => host.Gateway.Status.Registrations.Any(r => r.Key == Kia && r.IsRegistered));
        });
    }

    [Fact]
    public async Task What_is_removed_is_gone_from_the_page_the_address_and_the_gateway()
    {
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with { Keep = [], ReleaseGrace = TimeSpan.Zero });
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();

            await viewer.Page.Locator("#watchlist li[data-target*='index:1001'] button").ClickAsync();

            await Expect(viewer.Index("1001")).ToHaveCountAsync(0);
            viewer.Page.Url.ShouldNotContain("index:1001");
            await Patience.UntilAsync(() => host.Gateway.Status.Registrations.All(r => r.Key != "1001"));
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    [Fact]
    public async Task A_view_is_shared_by_its_address_without_anything_of_orders()
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();
            await Expect(viewer.Orders.First).ToBeVisibleAsync();
            await viewer.Add.FillAsync("index:1028");
            await viewer.Add.PressAsync("Enter");
            await Expect(viewer.Index("1028")).ToBeVisibleAsync();
            await viewer.Page.Locator("#watchlist li[data-target*='bond:KR103502GA34'] button").ClickAsync();
            await Expect(viewer.Bond("KR103502GA34")).ToHaveCountAsync(0);
            var address = new Uri(viewer.Page.Url);

            await using var other = await OpenAsync(host, path: address.PathAndQuery + address.Fragment);

            await Expect(other.Index("1028")).ToBeVisibleAsync();
            await other.LiveAsync();
            (await TargetsAsync(other)).ShouldBe(await TargetsAsync(viewer));
            (await TargetsAsync(other)).ShouldContain(target => target.Contains("index:1028", StringComparison.Ordinal));
            await Expect(other.Bond("KR103502GA34")).ToHaveCountAsync(0);
            address.Fragment.ShouldNotContain("notice");
            address.Fragment.ShouldNotContain("DEMO");
            other.Complaints.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task What_is_no_key_in_an_address_is_left_out_and_said()
    {
        await using var host = await DashboardHost.OpenAsync();
        await LookAsync(
            host,
            async viewer =>
            {
                await viewer.LiveAsync();
                (await TargetsAsync(viewer)).ShouldBe(["index:0001"]);
                await Expect(viewer.News).ToContainTextAsync("nonsense");
            },
            path: "/#watch=index:0001,nonsense,notice:SOMEBODY");
    }

    [Fact]
    public async Task What_the_gateway_refuses_is_said_where_it_was_asked_for()
    {
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with { Keep = [], DashboardKeys = null, Upstream = options.Upstream with { MaxRegistrations = 4 } });
        await LookAsync(host, async viewer =>
        {
            await viewer.LiveAsync();
            await Expect(viewer.Orders.First).ToBeVisibleAsync();

            await viewer.Add.FillAsync("index:1028");
            await viewer.Add.PressAsync("Enter");

            await Expect(viewer.Page.Locator("#watchlist li.refused")).ToHaveCountAsync(1);
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    private static async Task<IReadOnlyList<string>> TargetsAsync(Viewer viewer) =>
        await viewer.Chips.EvaluateAllAsync<string[]>("all => all.map(li => li.dataset.target)");
}
