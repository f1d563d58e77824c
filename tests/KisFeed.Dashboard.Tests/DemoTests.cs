using KisFeed.Dashboard.Tests.Browsing;

namespace KisFeed.Dashboard.Tests;

[Collection(ChromiumGroup.Name)]
public sealed class DemoTests(Chromium chromium)
{
    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task The_demo_prints_the_address_of_a_live_dashboard()
    {
        await using var demo = ProcessRunner.StartKisFeed("demo", "--plain", "--port", "0", "--duration", "5m");
        await Patience.UntilAsync(() => demo.Errors.Contains("Recording: ", StringComparison.Ordinal), "the demo prints its addresses");
        var address = demo.Errors.Split("Dashboard: ")[1].Split('\n')[0].Trim();

        await using var viewer = await Viewer.OpenAsync(chromium.Browser, new Uri(address), View.Desktop);

        await viewer.WaitForDataAsync();
        await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Index("0001"), "price"));
        await Expect(viewer.Orders.First).ToBeVisibleAsync();
        await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "simulation");
        await Expect(viewer.Health("slots")).ToContainTextAsync("41");
        await Viewer.WaitForChangeAsync(Viewer.Field(viewer.Stock("005930"), "volume"));
        viewer.Problems.ShouldBeEmpty();
        await demo.SignalAsync("INT");
        (await demo.WaitForExitAsync(Patience.Limit)).ShouldBe(0, demo.Errors);
    }
}
