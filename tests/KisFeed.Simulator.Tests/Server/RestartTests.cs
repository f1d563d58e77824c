namespace KisFeed.Simulator.Tests.Server;

public sealed class RestartTests
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_restarted_simulator_continues_the_day()
    {
        var options = new SimulatorOptions { Seed = 7, Rate = 200, HeartbeatInterval = TimeSpan.FromHours(1) };
        var (sold, bought, time) = await WatchAsync(options, seconds: 20);

        var (soldAfter, boughtAfter, timeAfter) = await WatchAsync(
            options with { StartAt = time.Add(TimeSpan.FromSeconds(1)) }, seconds: 1);

        timeAfter.ShouldBeInRange(time.Add(TimeSpan.FromSeconds(1)), time.Add(TimeSpan.FromSeconds(2)));
        sold.ShouldBeGreaterThan(0);
        soldAfter.ShouldBeGreaterThanOrEqualTo(sold);
        boughtAfter.ShouldBeGreaterThanOrEqualTo(bought);
    }

    [Theory]
    [InlineData("08:59")]
    [InlineData("15:30")]
    public async Task A_start_outside_trading_hours_is_rejected(string start)
    {
        var options = new SimulatorOptions { StartAt = TimeOnly.Parse(start, CultureInfo.InvariantCulture) };
        (await Should.ThrowAsync<ArgumentException>(() => SimulatorServer.StartAsync(options))).ParamName.ShouldBe("StartAt");
    }

    [Fact]
    public async Task A_start_with_too_many_earlier_events_is_rejected()
    {
        var options = new SimulatorOptions { StartAt = new TimeOnly(15, 0), Rate = 1_000_000 };
        (await Should.ThrowAsync<ArgumentException>(() => SimulatorServer.StartAsync(options))).Message.ShouldContain("a lower rate");
    }

    // The volumes sold and bought in program trades after this many seconds, and the time of the last trade.
    private static async Task<(long Sold, long Bought, TimeOnly At)> WatchAsync(SimulatorOptions options, int seconds)
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(options with { TimeProvider = time });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0NXPGM0", "005930");

        // Requests are handled one at a time: when this one is answered, the market has the registration before it.
        await client.AskAsync("{}");
        string[] last = [];
        for (var tick = 0; tick < seconds * 20; tick++)
        {
            await time.TimerDueInAsync(s_tick);
            time.Advance(s_tick);
            last = (await client.ReceiveFrameAsync()).Split('^')[^11..];
        }

        return (long.Parse(last[2], CultureInfo.InvariantCulture), long.Parse(last[4], CultureInfo.InvariantCulture),
            TimeOnly.ParseExact(last[1], "HHmmss", CultureInfo.InvariantCulture));
    }
}
