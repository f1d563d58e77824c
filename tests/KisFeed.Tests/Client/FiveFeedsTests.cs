using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class FiveFeedsTests
{
    [Fact]
    public async Task Typed_records_of_all_five_feeds_arrive_over_one_session()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var bond = await client.SubscribeAsync(BondTrade.Feed, "KR103502GA34");
        await using var nxt = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        await using var consolidated = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var notice = await client.SubscribeAsync(OrderNotice.Feed, "HtsId");
        client.Registrations.ShouldAllBe(r => r.State == RegistrationState.Registered && r.Subscribers == 1);
        client.Registrations.Count.ShouldBe(5);

        var ticks = await TakeAsync(index.ReadAllAsync(), 20);
        ticks.ShouldAllBe(t => t.Code == "0001" && t.Low <= t.Price && t.Price <= t.High);
        ticks.Zip(ticks.Skip(1)).ShouldAllBe(
            p => p.Second.AccumulatedVolume == p.First.AccumulatedVolume + p.Second.Volume, "no tick is lost or delivered twice");
        (await TakeAsync(bond.ReadAllAsync(), 2)).ShouldAllBe(t => t.Code == "KR103502GA34" && t.Yield > 0);
        (await TakeAsync(nxt.ReadAllAsync(), 2)).ShouldAllBe(t => t.NetVolume == t.BuyVolume - t.SellVolume);
        (await TakeAsync(consolidated.ReadAllAsync(), 2)).ShouldAllBe(t => t.NetValue == t.BuyValue - t.SellValue);
        (await TakeAsync(notice.ReadAllAsync(), 2)).ShouldAllBe(t => t.CustomerId == "HtsId" && t.OrderNumber!.Length == 10);
    }

    [Fact]
    public async Task Raw_frames_are_delivered_as_received_and_notices_decrypted()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
        await using var notice = await client.SubscribeAsync(OrderNotice.Feed.Schema, "HtsId");
        var frame = (await TakeAsync(index.ReadAllAsync(), 1))[0];
        Encoding.UTF8.GetString(frame.Frame.Bytes.Span).ShouldStartWith("0|H0UPCNT0|0");
        frame.Frame.ReceivedAt.ShouldNotBe(default);
        Encoding.UTF8.GetString((await TakeAsync(notice.ReadAllAsync(), 1))[0].Frame.Bytes.Span).ShouldStartWith("0|H0IFCNI0|001|HtsId^");
    }

    [Fact]
    public async Task Two_subscriptions_to_one_key_share_a_registration_and_each_receives_every_record()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var first = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var second = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        client.Registrations.ShouldBe([new RegistrationStatus("H0UPCNT0", "0001", RegistrationState.Registered, 2) { Session = "1" }]);
        server.Statistics.Registrations.ShouldBe(1);

        var fromSecond = await TakeAsync(second.ReadAllAsync(), 5);
        var fromFirst = await TakeAsync(first.ReadAllAsync(), 100);
        fromFirst.ShouldContain(t => t.AccumulatedVolume == fromSecond[0].AccumulatedVolume);

        await first.DisposeAsync();
        server.Statistics.Registrations.ShouldBe(1, "the second subscription still uses it");
        await second.UnsubscribeAsync();
        server.Statistics.Registrations.ShouldBe(0);
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_mock_service_uses_its_own_notice_feed_and_unavailable_feeds_are_rejected()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { Environment = KisEnvironment.Mock });
        var refusal = await Should.ThrowAsync<FeedNotAvailableException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
        refusal.Message.ShouldContain("모의투자 미지원");
        client.Registrations.ShouldBeEmpty();

        await using var notice = await client.SubscribeAsync(OrderNotice.Feed, "HtsId");
        client.Registrations.Single().TrId.ShouldBe("H0IFCNI9");
        (await TakeAsync(notice.ReadAllAsync(), 1)).Single().CustomerId.ShouldBe("HtsId");
    }

    [Fact]
    public async Task A_simulator_has_the_feeds_of_both_services()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { Environment = KisEnvironment.Simulator });
        client.Catalog.TryFind("H0IFCNI9", out var mock).ShouldBeTrue();

        await using var mockNotices = await client.SubscribeAsync(mock, "HtsId");
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "HtsId");
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        client.Registrations.Select(registration => registration.TrId).ShouldBe(["H0IFCNI9", "H0IFCNI0", "H0UPCNT0"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_mock_notice_feed_is_rejected_on_production()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        client.Catalog.TryFind("H0IFCNI9", out var mock).ShouldBeTrue();
        await Should.ThrowAsync<FeedNotAvailableException>(client.SubscribeAsync(mock, "HtsId"));
    }
}
