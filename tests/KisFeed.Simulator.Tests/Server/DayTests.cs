namespace KisFeed.Simulator.Tests.Server;

public sealed class DayTests
{
    private const int Columns = 30;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private static readonly TimeOnly s_closing = new(15, 29, 30);

    [Fact]
    public async Task After_a_day_no_data_follow_and_connections_stay_open()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = double.PositiveInfinity, StartAt = s_closing, LoggerFactory = log });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        await log.EventAsync("DayOver");
        (await client.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();

        // Records sent before the answer arrive before it.
        var times = client.Frames.Select(TimeOf).ToList();
        times[^1].ShouldBe(new TimeOnly(15, 29, 59));
        times.ShouldBe(times.Order());
    }

    [Fact]
    public async Task A_looping_market_continues_with_the_next_day()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = double.PositiveInfinity, StartAt = s_closing, Loop = true });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        TimeOnly time;
        do
            time = TimeOf(await client.ReceiveFrameAsync());
        while (time >= s_closing);

        time.ShouldBe(new TimeOnly(9, 0));
    }

    [Fact]
    public async Task Each_day_is_stated_before_its_records()
    {
        var options = new SimulatorOptions { Rate = double.PositiveInfinity, StartAt = s_closing, Loop = true };
        await using var server = await SimulatorServer.StartAsync(options);
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = TestCredentials.AppSecret,
            WebSocketUrl = server.WebSocketUrl,
            RequestInterval = TimeSpan.Zero,
        });
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        DateTimeOffset? last = null;
        await foreach (var trade in index.ReadAllAsync())
        {
            trade.Timestamp!.Value.ShouldBeGreaterThanOrEqualTo(last ?? trade.Timestamp.Value);
            last = trade.Timestamp;
            if (last.Value.Day == 23)
                break; // Monday.
            last.Value.ShouldBeInRange(At(20, s_closing), At(20, MarketHours.Close));
        }

        last!.Value.ShouldBe(At(23, MarketHours.Opening), tolerance: TimeSpan.FromMinutes(1));

        static DateTimeOffset At(int day, TimeOnly time) => new(new DateOnly(2026, 11, day).ToDateTime(time), KoreaTime.Offset);
    }

    [Fact]
    public async Task A_faster_market_sends_the_same_records_in_less_time()
    {
        const int Speed = 60;
        var options = new SimulatorOptions { Seed = 7, Rate = 40, HeartbeatInterval = TimeSpan.FromHours(1) };

        var usual = await RecordsAsync(options, ticks: 2 * Speed);
        var fast = await RecordsAsync(options with { Speed = Speed }, ticks: 2);

        fast.ShouldBe(usual);
    }

    // The records sent within this many ticks of the clock, each a twentieth of a second.
    private static async Task<List<string>> RecordsAsync(SimulatorOptions options, int ticks)
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(options with { TimeProvider = time });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        // Requests are handled one at a time: when this one is answered, the market has the registration before it.
        await client.AskAsync("{}");
        var recordsInTick = (int)(options.Rate * options.Speed / 20);
        List<string> records = [];
        for (var tick = 1; tick <= ticks; tick++)
        {
            await time.TimerDueInAsync(s_tick);
            time.Advance(s_tick);
            while (records.Count < tick * recordsInTick)
            {
                records.AddRange(
                    (await client.ReceiveFrameAsync()).Split('|')[3].Split('^').Chunk(Columns).Select(fields => string.Join('^', fields)));
            }
        }

        return records;
    }

    private static TimeOnly TimeOf(string frame) =>
        TimeOnly.ParseExact(frame.Split('|')[3].Split('^')[1], "HHmmss", CultureInfo.InvariantCulture);
}
