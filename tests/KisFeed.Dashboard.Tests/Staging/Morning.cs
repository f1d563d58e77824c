using KisFeed.Dashboard.Day;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>Creates a host with a simulated morning and an outage in its charts.</summary>
internal static class Morning
{
    private const double StartSpeed = 60;
    private const double Speed = 1_800;
    private const double EndSpeed = 30;
    private const int FramesBeforeOutage = 3_000;
    private const int Frames = 7_000;

    /// <summary>Starts a host and runs its market at high speed until the morning has passed.</summary>
    public static async Task<DashboardHost> CreateAsync()
    {
        // Slower until the gateway is connected, so that the charts begin with the morning on slow machines too.
        var clock = new FastClock(StartSpeed);
        var host = await DashboardHost.OpenAsync(market => market with
        {
            Rate = 0.6,
            TimeProvider = clock,
            HeartbeatInterval = market.HeartbeatInterval * Speed,
            HeartbeatTimeout = market.HeartbeatTimeout * Speed,
            SlowClientLimit = market.SlowClientLimit * Speed,
        });
        await Patience.UntilAsync(() => host.Gateway.Status.Totals.FramesReceived > 0);
        clock.SetSpeed(Speed);
        await Patience.UntilAsync(() => host.Gateway.Status.Totals.FramesReceived > FramesBeforeOutage);
        host.Market.DropConnections().ShouldBe(1);
        await Patience.UntilAsync(() => host.Gateway.Status.Totals.FramesReceived > Frames);
        clock.SetSpeed(EndSpeed);
        return host;
    }
}
