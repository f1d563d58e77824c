using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.History;

/// <summary>Subscriptions of the library that begin in recorded data.</summary>
public sealed class HistorySubscriptionTests : IDisposable
{
    private static readonly (string TrId, string Key)[] s_keys =
        [("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0NXPGM0", "005930"), ("H0STASP0", "005930")];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-subscription-");

    [Fact]
    public async Task Recorded_records_are_followed_by_live_ones_without_a_hole_and_without_a_record_twice()
    {
        await using var testGateway = await OpenAsync();
        var begin = DateTimeOffset.UtcNow;
        await testGateway.UntilRecordedAsync(100);
        await using var client = KisFeedClient.Start(TestGateway.ClientOf(testGateway.Url));
        var followers = s_keys.Select(key => new SubscriptionFollower(key.TrId, key.Key, begin)).ToList();

        foreach (var follower in followers)
        {
            await follower.OpenAsync(client);
            await follower.CatchUpAsync();
            await follower.ReadAsync(100);
        }

        await testGateway.Gateway.StopAsync();
        var recorded = await RecordedKeys.ReadAsync(_folder.FullName);
        foreach (var follower in followers)
        {
            follower.Records.ShouldBeGreaterThan(100);
            follower.Joins.ShouldBe(1);
            follower.Check(recorded);
            await follower.DisposeAsync();
        }
    }

    [Fact]
    public async Task Records_are_typed_and_say_where_live_data_begins()
    {
        await using var testGateway = await OpenAsync(recorded: 200);
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));

        await using var books = await client.SubscribeAsync(
            StockOrderBook.Krx, "005930", new() { From = HistoryStart.Ago(TimeSpan.FromHours(1)) });

        var events = new List<FeedEvent>();
        var (recorded, live) = (0, 0);
        await foreach (var item in books.ReadItemsAsync())
        {
            if (item.Event is { } feedEvent)
                events.Add(feedEvent);
            else if (events is [.., LiveBegins])
                live++;
            else
                recorded += item.Record.Asks[0].Price > 0 ? 1 : 0;
            if (live == 5)
                break;
        }

        recorded.ShouldBeGreaterThan(0);
        events[0].ShouldBeOfType<Gap>().Reason.ShouldBe(GapReason.NotRecorded);
        events[^1].ShouldBeOfType<LiveBegins>().ToString().ShouldStartWith("LiveBegins { H0STASP0 005930: at ");
    }

    [Fact]
    public async Task The_same_call_reads_a_capture_alone()
    {
        await (await OpenAsync(recorded: 200)).DisposeAsync();
        var capture = CaptureReader.Open(_folder.FullName);
        var all = new List<IndexTrade>();
        await foreach (var trade in capture.ReadAsync(IndexTrade.Feed, "0001"))
            all.Add(trade);
        var from = all[all.Count / 2].ReceivedAt;

        var some = new List<DateTimeOffset>();
        await foreach (var trade in capture.ReadAsync(IndexTrade.Feed, "0001", new() { From = HistoryStart.At(from) }))
            some.Add(trade.ReceivedAt);
        var events = 0;
        await foreach (var item in capture.ReadItemsAsync(
            IndexTrade.Feed, "0001", new() { From = HistoryStart.Ago(TimeSpan.FromHours(1)) }))
        {
            events += item.IsRecord ? 0 : 1;
        }

        some.ShouldBe(all.Select(trade => trade.ReceivedAt).Where(at => at >= from));
        events.ShouldBe(0);
        Should.Throw<HistoryNotAvailableException>(
            () => capture.ReadAsync(IndexTrade.Feed, "0001", new() { From = HistoryStart.After("98e490ff7dda-3-8de2a90f1c3b2a8.1") }))
            .Message.ShouldContain("begin at a time");
    }

    [Fact]
    public async Task A_callback_gets_recorded_and_live_records()
    {
        await using var testGateway = await OpenAsync(recorded: 100);
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        var (records, isLive) = (0, false);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await using var index = await client.SubscribeAsync(
            IndexTrade.Feed,
            "0001",
            (in _) =>
            {
                if (++records > 20 && isLive)
                    enough.TrySetResult();
            },
            feedEvent => isLive |= feedEvent is LiveBegins,
            new SubscribeOptions { From = HistoryStart.Ago(TimeSpan.FromMinutes(1)) });

        await enough.Task.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Order_notices_come_from_the_recording_if_it_has_them()
    {
        await using var testGateway = await OpenAsync(with: options =>
            options with { Recording = options.Recording! with { Notices = true } });
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        // Nothing is recorded before the first consumer registers the key.
        var begin = DateTimeOffset.UtcNow;
        await using var now = await client.SubscribeAsync(OrderNotice.Feed, "DEMO");
        await using var reading = now.ReadAllAsync().GetAsyncEnumerator();
        (await reading.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
        var first = reading.Current;

        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "DEMO", new() { From = HistoryStart.At(begin) });
        await using var items = notices.ReadItemsAsync().GetAsyncEnumerator();
        do
            (await items.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
        while (!items.Current.IsRecord);

        items.Current.Record.OrderNumber.ShouldBe(first.OrderNumber);
    }

    [Fact]
    public async Task A_consumer_that_stops_reading_for_a_while_loses_nothing()
    {
        await using var testGateway = await OpenAsync(with: options => options with { StreamQueueBytes = 64 * 1024 });
        await using var relay = new Relay();
        relay.Forward(testGateway.Gateway);
        var begin = DateTimeOffset.UtcNow;
        await using var client = KisFeedClient.Start(
            TestGateway.ClientOf(relay.Url) with { Reconnect = TestGateway.ReconnectAtOnce, QueueCapacity = 4 });
        await using var follower = new SubscriptionFollower("H0STASP0", "005930", begin);
        await follower.OpenAsync(client);
        await follower.CatchUpAsync();

        // Far more than the queue holds: the gateway waits, or ends the stream, which then continues from the recording.
        var received = testGateway.Status.Recording!.Received;
        await Patience.UntilAsync(() => testGateway.Status.Recording!.Received > received + 300);
        await follower.ReadUntilAsync(DateTimeOffset.UtcNow);

        await testGateway.Gateway.StopAsync();
        follower.Check(await RecordedKeys.ReadAsync(_folder.FullName));
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_stream_that_ends_while_its_past_is_joined_to_the_present_sends_nothing_behind_the_missing_part()
    {
        TestGateway? running = null;
        await using var testGateway = running = await OpenAsync(4_000, with: options => options with
        {
            StreamQueueBytes = 64 * 1024,
            Recording = options.Recording! with { FlushInterval = TimeSpan.FromMinutes(1), BeforeFlush = FillQueue },
        });
        await testGateway.UntilRecordedAsync(500);
        await using var client = KisFeedClient.Start(
            TestGateway.ClientOf(testGateway.Url) with { Reconnect = TestGateway.ReconnectAtOnce });
        await using var follower = new SubscriptionFollower("H0STASP0", "005930", DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1));

        await follower.OpenAsync(client);
        await follower.CatchUpAsync();
        testGateway.Simulator.DropConnections();
        await follower.ReadUntilAsync(DateTimeOffset.UtcNow);

        testGateway.Status.Totals.SlowStreams.ShouldBeGreaterThan(0);
        await testGateway.Gateway.StopAsync();
        follower.Check(await RecordedKeys.ReadAsync(_folder.FullName));

        // Much arrives during the first write, and is the missing part. The second lasts until too much of what follows it waits.
        // Then nothing more is sent: a busy machine would not catch up with it.
        void FillQueue()
        {
            if (Volatile.Read(ref running) is { } server
                && SpinWait.SpinUntil(() => server.Status.Totals.SlowStreams > 0, TimeSpan.FromSeconds(0.3)))
            {
                server.Simulator.Silence();
            }
        }
    }

    [Fact]
    public async Task A_service_without_history_is_refused_with_advice()
    {
        var options = new SubscribeOptions { From = HistoryStart.At(new TimeOnly(9, 0)) };
        await using var broker = KisFeedClient.Start(TestGateway.ClientOf(new Uri("ws://127.0.0.1:9")) with
        {
            WebSocketUrl = null,
            RestUrl = new Uri("http://127.0.0.1:9"),
            Reconnect = ReconnectPolicy.Never,
        });
        var refused = await Should.ThrowAsync<HistoryNotAvailableException>(broker.SubscribeAsync(IndexTrade.Feed, "0001", options));
        refused.Message.ShouldBe("H0UPCNT0 cannot begin at 09:00:00: the broker has no recorded data. From needs a gateway that records: "
            + "start 'kisfeed gateway --record DIR' and connect to it, or read an existing capture with CaptureReader");

        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var ofSimulator = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(simulator.WebSocketUrl));
        refused = await Should.ThrowAsync<HistoryNotAvailableException>(ofSimulator.SubscribeAsync(IndexTrade.Feed, "0001", options));
        refused.Message.ShouldContain("kisfeed gateway --record DIR");

        await using var testGateway = await TestGateway.OpenAsync();
        await using var ofGateway = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        refused = await Should.ThrowAsync<HistoryNotAvailableException>(
            ofGateway.SubscribeAsync(IndexTrade.Feed, "0001", options with { From = HistoryStart.Ago(TimeSpan.FromMinutes(1)) }));
        refused.Message.ShouldContain("This gateway does not record");
    }

    [Fact]
    public async Task A_time_in_the_future_is_refused()
    {
        await using var testGateway = await OpenAsync();
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));

        var refused = await Should.ThrowAsync<HistoryNotAvailableException>(
            client.SubscribeAsync(IndexTrade.Feed, "0001", new() { From = HistoryStart.At(DateTimeOffset.UtcNow.AddDays(1)) }));

        refused.Message.ShouldContain("not in the future");
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Every_record_comes_once_whatever_happens()
    {
        for (var i = 0; i < Math.Max(1, TestRun.Of(2, "KISFEED_HISTORY_RUNS")); i++)
        {
            await RunAsync(TestRun.Seed + i);
            _folder.Delete(recursive: true);
            _folder.Create();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Subscriptions that begin at random moments and are read in bursts, while connections are lost on both sides, files
    // are full and the gateway restarts.
    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var testGateway = await OpenAsync(seed: seed, with: options => FlushAfter(options, random.Next(50, 2_000)));
        await using var relay = new Relay();
        relay.Forward(testGateway.Gateway);
        var followers = new List<SubscriptionFollower>();
        var begin = DateTimeOffset.UtcNow;
        await using var client = KisFeedClient.Start(
            TestGateway.ClientOf(relay.Url) with { Reconnect = TestGateway.ReconnectAtOnce, QueueCapacity = random.Next(1, 500) });
        for (var step = 0; step < 40; step++)
        {
            switch (random.Next(12))
            {
                case 0 or 1:
                    var (trId, key) = s_keys[random.Next(s_keys.Length)];
                    followers.Add(new SubscriptionFollower(trId, key, begin + ((DateTimeOffset.UtcNow - begin) * random.NextDouble())));
                    await followers[^1].OpenAsync(client);
                    break;
                case 2:
                    testGateway.Simulator.DropConnections();
                    break;
                case 3 when step % 3 == 0:
                    await testGateway.RestartGatewayAsync(options => FlushAfter(options, random.Next(50, 2_000)));
                    relay.Forward(testGateway.Gateway);
                    break;
                case 4 or 5:
                    relay.Break();
                    break;
                case var _ when followers.Count > 0:
                    await followers[random.Next(followers.Count)].ReadAsync(random.Next(1, 500));
                    break;
            }
        }

        var end = DateTimeOffset.UtcNow;
        foreach (var follower in followers)
            await follower.ReadUntilAsync(end);
        await testGateway.Gateway.DisposeAsync();
        await HistoryFollower.CheckAllAsync(followers, await RecordedKeys.ReadAsync(_folder.FullName), seed);
    }

    private static GatewayOptions FlushAfter(GatewayOptions options, int milliseconds) =>
        options with { Recording = options.Recording! with { FlushInterval = TimeSpan.FromMilliseconds(milliseconds) } };

    private async Task<TestGateway> OpenAsync(
        double rate = 500, int recorded = 0, int seed = 1, Func<GatewayOptions, GatewayOptions>? with = null)
    {
        var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = rate, Seed = seed }, options =>
        {
            options = FlushAfter(TestGateway.Recording(options, _folder, s_keys), 1_000);
            return with?.Invoke(options) ?? options;
        });
        await testGateway.UntilRecordedAsync(recorded);
        return testGateway;
    }
}
