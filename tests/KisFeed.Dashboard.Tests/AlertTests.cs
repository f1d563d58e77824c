using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Dashboard.Tests;

/// <summary>Alerts, which the page keeps in the browser.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class AlertTests(Chromium chromium) : DashboardTests(chromium)
{
    private const string Samsung = "005930";

    // Records what rings: the state of the audio of each tone, and the texts of notifications.
    private const string Listen =
        """
        () => {
          window.tones = [];
          window.shown = [];
          const create = AudioContext.prototype.createOscillator;
          AudioContext.prototype.createOscillator = function () { tones.push(this.state); return create.call(this); };
          window.Notification = class { constructor(title, { body }) { shown.push(body); } };
          Notification.permission = "granted";
        }
        """;

    private static readonly GatewayKey s_stock = new(StockTrade.Consolidated.Schema, Samsung);

    [Fact]
    public async Task A_price_alert_is_set_with_the_keyboard_rings_once_and_is_kept()
    {
        await using var service = await StagedService.OpenAsync([s_stock]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await viewer.Page.EvaluateAsync(Listen);
            await SendAsync(service, "090001", "71900");
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveTextAsync("71,900");

            await viewer.Stock(Samsung).Locator(".bell").FocusAsync();
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Page.Locator("#alert-value")).ToBeFocusedAsync();
            await Expect(viewer.Page.Locator("#alert-value")).ToHaveValueAsync("71900");
            await viewer.Page.Keyboard.PressAsync("ControlOrMeta+A");
            await viewer.Page.Keyboard.TypeAsync("72000");
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Expect(viewer.Page.Locator("#alert-list li")).ToContainTextAsync("삼성전자 72,000 이상");
            await viewer.Page.Locator("#alert-browser").CheckAsync();
            await viewer.Page.Keyboard.PressAsync("Escape");
            await Expect(viewer.Page.Locator("#alerts")).ToBeHiddenAsync();
            await Expect(viewer.Stock(Samsung).Locator(".bell")).ToBeFocusedAsync();
            await Expect(viewer.Page.Locator("#alerts-open")).ToHaveTextAsync("알림 1");

            await SendAsync(service, "090002", "72000");

            await Expect(viewer.Notification).ToHaveTextAsync("알림: 삼성전자 72,000 이상, 현재 72,000");
            (await viewer.Page.EvaluateAsync<string[]>("tones")).ShouldBe(["running", "running"]);
            (await viewer.Page.EvaluateAsync<string[]>("shown")).ShouldBe(["알림: 삼성전자 72,000 이상, 현재 72,000"]);
            await SendAsync(service, "090003", "71000");
            await SendAsync(service, "090004", "73000");
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveTextAsync("73,000");
            (await viewer.Page.EvaluateAsync<int>("shown.length")).ShouldBe(1);

            await viewer.Page.ReloadAsync();
            await Expect(Viewer.Field(viewer.Stock(Samsung), "price")).ToHaveTextAsync("73,000");
            await Expect(viewer.Notification).ToBeEmptyAsync();
            await viewer.Page.ClickAsync("#alerts-open");
            await Expect(viewer.Page.Locator("#alert-list li")).ToHaveAttributeAsync("data-fired", "true");
        });
    }

    [Fact]
    public async Task A_VI_rings_from_the_state_of_trading_which_is_registered_for_it()
    {
        var status = MarketStatus.Consolidated.Schema;
        await using var service = await StagedService.OpenAsync([s_stock]);
        await VisitAsync(
            service.Address,
            async viewer =>
            {
                await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
                await viewer.Page.EvaluateAsync(Listen);
                await viewer.Stock(Samsung).Locator(".bell").ClickAsync();
                await viewer.Page.Locator("#alert-kind").SelectOptionAsync("vi");
                await Expect(viewer.Page.Locator("#alert-value")).ToBeHiddenAsync();
                await viewer.Page.ClickAsync("#alerts form button");
                await Patience.UntilAsync(() => service.Gateway.Status.Registrations.Any(r => r.TrId == status.TrId && r.IsRegistered));

                await service.SendAsync(status, Samsung, ("ViCode", "Y"), ("IsHalted", "N"));

                await Expect(viewer.Notification).ToContainTextAsync("VI triggered");
                (await viewer.Page.EvaluateAsync<int>("tones.length")).ShouldBe(2);
            },
            View.Desktop with { Language = "en-US" });
    }

    [Fact]
    public async Task Missing_data_ring_if_the_viewer_wants_it()
    {
        await using var service = await StagedService.OpenAsync([s_stock]);
        await VisitAsync(service.Address, async viewer =>
        {
            await Expect(viewer.Connection).ToHaveAttributeAsync("data-state", "open");
            await viewer.Page.EvaluateAsync(Listen);
            await SendAsync(service, "090001", "71900");
            await viewer.Page.ClickAsync("#alerts-open");
            await viewer.Page.Locator("#alert-gap").CheckAsync();
            await viewer.Page.ClickAsync("#alerts-close");

            service.Drop();

            await Expect(viewer.HealthLine("gaps")).ToHaveTextAsync("1건");
            await Patience.UntilAsync(async () => await viewer.Page.EvaluateAsync<int>("tones.length") == 2);
        });
    }

    private static Task SendAsync(StagedService service, string time, string price) => service.SendAsync(
        s_stock.Feed, Samsung, ("Time", time), ("Price", price), ("Sign", "2"), ("Change", "100"), ("ChangeRate", "0.14"), ("Phase", "0"));
}
