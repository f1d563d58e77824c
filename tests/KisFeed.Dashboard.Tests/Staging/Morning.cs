using KisFeed.Cli.Gateways;
using KisFeed.Dashboard.Day;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>A desk whose market goes fast, so that charts have something to show; its day has an outage.</summary>
internal static class Morning
{
    private const double Speed = 900;

    /// <summary>Opens one.</summary>
    public static Task<Desk> OpenAsync() => Desk.OpenAsync(market => market with
    {
        Rate = 0.6,
        TimeProvider = new FastClock(Speed),
        HeartbeatInterval = market.HeartbeatInterval * Speed,
        HeartbeatTimeout = market.HeartbeatTimeout * Speed,
        SlowClientLimit = market.SlowClientLimit * Speed,
        HtsId = ShownMarket.HtsId,
    });

    /// <summary>Lets it go by until the charts are full, with an outage on the way.</summary>
    public static async Task PassAsync(Desk desk)
    {
        const int BeforeOutage = 3_000;
        const int InAll = 7_000;
        await Patience.UntilAsync(() => desk.Gateway.Status.FramesReceived > BeforeOutage);
        desk.Market.DropConnections().ShouldBe(1);
        await Patience.UntilAsync(() => desk.Gateway.Status.FramesReceived > InAll);
    }
}
