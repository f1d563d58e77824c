using KisFeed.Dashboard.Day;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>A host whose market's morning, with an outage in it, goes by in seconds, so that its charts have something to show.</summary>
internal static class Morning
{
    private const double SpeedAtFirst = 60;
    private const double Speed = 1_800;
    private const double SpeedThen = 30;
    private const int FramesBeforeOutage = 3_000;
    private const int Frames = 7_000;

    /// <summary>Opens one, and lets the morning go by.</summary>
    public static async Task<DashboardHost> PassAsync()
    {
        // Slower until the gateway is connected, so that the charts begin with the morning on a slow machine too.
        var clock = new FastClock(SpeedAtFirst);
        var host = await DashboardHost.OpenAsync(market => market with
        {
            Rate = 0.6,
            TimeProvider = clock,
            HeartbeatInterval = market.HeartbeatInterval * Speed,
            HeartbeatTimeout = market.HeartbeatTimeout * Speed,
            SlowClientLimit = market.SlowClientLimit * Speed,
        });
        await Patience.UntilAsync(() => host.Gateway.Status.FramesReceived > 0);
        clock.GoOnAt(Speed);
        await Patience.UntilAsync(() => host.Gateway.Status.FramesReceived > FramesBeforeOutage);
        host.Market.DropConnections().ShouldBe(1);
        await Patience.UntilAsync(() => host.Gateway.Status.FramesReceived > Frames);
        clock.GoOnAt(SpeedThen);
        return host;
    }
}
