using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Simulator;

namespace KisFeed.Dashboard.Tests;

public sealed class OutageTests(Chromium chromium) : DashboardTests(chromium)
{
    // How Chromium says that nobody listens: pages cannot keep it from saying so.
    private static readonly string[] s_nobodyThere = ["net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE", "WebSocket connection to"];

    [Fact]
    public async Task An_outage_upstream_is_a_gap_that_begins_and_ends()
    {
        await using var desk = await Desk.OpenAsync();
        await LookAsync(desk, async viewer =>
        {
            await viewer.LiveAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Health("reconnects")).ToHaveTextAsync("0");

            desk.Market.SetFaults(SimulatorFaults.None with { KickOnConnect = 1 }); // Holds it for some seconds.
            desk.Market.DropConnections().ShouldBe(1);

            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "true");
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            var told = await viewer.News.InnerTextAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.News).Not.ToHaveTextAsync(told);
            await Expect(viewer.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            await Expect(viewer.Health("gaps")).Not.ToHaveTextAsync("0");
            await Expect(viewer.Health("reconnects")).Not.ToHaveTextAsync("0");
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
        });
    }

    [Fact]
    public async Task Who_comes_after_an_outage_sees_its_gap_and_what_was_before_it()
    {
        await using var desk = await Desk.OpenAsync();
        await LookAsync(desk, async viewer =>
        {
            await viewer.LiveAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            desk.Market.DropConnections().ShouldBe(1);
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");

            await using var late = await OpenAsync(desk);

            await late.LiveAsync();
            await Expect(late.Chart("0001")).ToHaveAttributeAsync("data-gaps", "1");
            await Expect(late.Page.Locator("#gap-list li").First).ToBeVisibleAsync();
            late.Complaints.ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task When_the_gateway_is_started_again_the_page_connects_by_itself_and_says_so()
    {
        await using var desk = await Desk.OpenAsync();
        await LookAsync(desk, async viewer =>
        {
            viewer.Expecting(s_nobodyThere);
            await viewer.LiveAsync();

            await desk.StopGatewayAsync();

            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "lost");
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            var lost = await viewer.News.InnerTextAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.News).Not.ToHaveTextAsync(lost);
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            await viewer.Page.ClickAsync("#language");
            await Expect(viewer.News).ToHaveTextAsync(lost);
            await desk.StartGatewayAsync();
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await Expect(viewer.News).Not.ToHaveTextAsync(lost);
            await Expect(viewer.News).Not.ToBeEmptyAsync();
            await Viewer.ChangesAsync(Viewer.Field(viewer.Index("0001"), "price"));
            await Expect(viewer.Chart("0001")).Not.ToHaveAttributeAsync("data-gaps", "0");
            await Expect(viewer.Chart("0001")).ToHaveAttributeAsync("data-gap-open", "false");
        });
    }
}
