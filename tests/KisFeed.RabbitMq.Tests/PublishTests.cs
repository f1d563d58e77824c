using KisFeed.Feeds;
using KisFeed.RabbitMq.Publishing;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests;

/// <summary>
/// What a session receives is read from the streams exactly once, in order and byte for byte, whatever happens to connections.
/// </summary>
[Collection(nameof(Broker))]
public sealed class PublishTests(Broker broker, ITestOutputHelper report)
{
    private static readonly NumberedService.Options s_steady = new() { Burst = 20, Pause = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task Frames_of_a_session_are_read_exactly_once_in_order()
    {
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(cluster, s_steady);
        await session.Service.UntilSentAsync(0, 3000);
        var status = await session.FinishAsync();

        await ShouldBePublishedAsync(cluster, session);
        report.WriteLine(status.ToString());
        (status.Republished, status.CaughtUp, status.Dropped, status.Unconfirmed, status.Connections).ShouldBe((0, 0, 0, 0, 1));
        status.Published.ShouldBe(status.Sent);
    }

    [Fact]
    public async Task Cut_connections_lose_and_repeat_nothing()
    {
        var random = new Random(TestRun.Seed);
        await using var proxy = new TcpProxy(broker.Node.Port);
        var cluster = broker.NewCluster() with { Nodes = [proxy.Address] };
        await using var session = await PublishedSession.StartAsync(cluster, s_steady);
        await Patience.UntilAsync(() => session.Publisher.Status.IsLive);
        for (var cut = 0; cut < 5; cut++)
        {
            var connections = session.Publisher.Status.Connections;
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + random.Next(200, 1200));
            proxy.Cut();
            await Patience.UntilAsync(() => session.Publisher.Status.Connections > connections);
        }

        var status = await session.FinishAsync();

        report.WriteLine($"seed {TestRun.Seed}: {status}");
        await ShouldBePublishedAsync(cluster with { Nodes = [broker.Node.Address] }, session);
        status.Connections.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task While_the_cluster_is_away_frames_come_from_the_capture_and_the_live_ones_join_exactly()
    {
        var random = new Random(TestRun.Seed);
        await using var proxy = new TcpProxy(broker.Node.Port);
        var cluster = broker.NewCluster() with { Nodes = [proxy.Address] };
        await using var session = await PublishedSession.StartAsync(
            cluster, s_steady, options => options with { Tap = new FrameTapOptions { Capacity = 100 } });
        for (var outage = 0; outage < 4; outage++)
        {
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + random.Next(100, 600));
            proxy.Close();
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + random.Next(300, 2000));
            proxy.Open();
            await Patience.UntilAsync(() => session.Publisher.Status is { IsLive: true });
        }

        var status = await session.FinishAsync();

        report.WriteLine($"seed {TestRun.Seed}: {status}");
        await ShouldBePublishedAsync(cluster with { Nodes = [broker.Node.Address] }, session);
        status.CaughtUp.ShouldBeGreaterThan(0);
        status.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task A_restarted_publisher_continues_where_it_was_confirmed()
    {
        var random = new Random(TestRun.Seed);
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(cluster, s_steady);
        var positionPath = Path.Combine(session.Folder.Path, "source.published.json");
        for (var restart = 0; restart < 4; restart++)
        {
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + random.Next(100, 1500));

            // As if it had been killed before it kept its last position.
            await Patience.UntilAsync(() => File.Exists(positionPath));
            var earlier = await File.ReadAllBytesAsync(positionPath);
            await session.Publisher.StopAsync();
            if (restart % 2 == 1)
                await File.WriteAllBytesAsync(positionPath, earlier);
            await session.RestartPublisherAsync(cluster);
        }

        await Patience.UntilAsync(() => session.Publisher.Status is { IsLive: true });
        var status = await session.FinishAsync();

        report.WriteLine($"seed {TestRun.Seed}: {status}");
        await ShouldBePublishedAsync(cluster, session);
    }

    // With full batches no batch is open, so none is ever sent because of its age.
    [Fact]
    public async Task The_position_advances_while_every_batch_is_full_at_once()
    {
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(cluster, s_steady, options => options with { BatchFrames = 1 });
        await session.Service.UntilSentAsync(0, 200);
        var at = DateTimeOffset.UtcNow;

        await Patience.UntilAsync(() => session.Publisher.Status.PublishedAt > at);
        var status = await session.FinishAsync();
        await ShouldBePublishedAsync(cluster, session);
        status.Unconfirmed.ShouldBe(0);
    }

    [Fact]
    public async Task Keys_are_stored_with_their_epochs_when_they_are_added_and_removed()
    {
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(cluster, new NumberedService.Options { Frames = 10 });
        var feed = IndexTrade.Feed.Schema;
        await session.Publisher.RemoveAsync(feed, "0001");
        Stored().ShouldContain(period => period.Key == "0001" && period.Epoch == 0 && period.Until != null && period.IsReleased);

        await session.Publisher.AddAsync(feed, "0001", keyEpoch: 7);
        Stored().ShouldContain(period => period.Key == "0001" && period.Epoch == 7 && period.Until == null);
        await Should.ThrowAsync<InvalidOperationException>(() => session.Publisher.AddAsync(feed, "0001", keyEpoch: 8));
        Stored().ShouldNotContain(period => period.Epoch == 8);

        IReadOnlyList<KeyPeriod> Stored() => new PositionFile(Path.Combine(session.Folder.Path, "source.published.json")).Read()!.Keys;
    }

    [Fact]
    public async Task A_position_that_cannot_be_read_is_an_error_and_disposing_twice_is_not()
    {
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(cluster, new NumberedService.Options { Frames = 10 });
        await session.Publisher.DisposeAsync();
        await session.Publisher.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(session.Folder.Path, "source.published.json"), "{");

        Should.Throw<RabbitMqException>(() => session.StartPublisher(cluster)).Message.ShouldContain("Restore it, or delete it");
        (await session.Publisher.StopAsync()).HasEnded.ShouldBeTrue();
    }

    // Each attempt connects, and fails because the folder of the capture is not there.
    [Fact]
    public async Task A_capture_that_cannot_be_read_is_one_problem_however_often_the_publisher_connects()
    {
        using var log = new RecordingLoggerFactory();
        var cluster = broker.NewCluster(log);
        var positionPath = Path.GetTempFileName();
        File.Delete(positionPath);
        try
        {
            await using var session = await PublishedSession.StartAsync(cluster, s_steady, Change);
            await Patience.UntilAsync(() => session.Publisher.Status is { IsLive: true });
            await session.Publisher.StopAsync();
            var (folder, away) = (session.Folder.Path, $"{session.Folder.Path}.away");
            Directory.Move(folder, away);
            await File.WriteAllTextAsync(folder, "");
            await session.RestartPublisherAsync(
                cluster with { TimeProvider = new ShortTimeouts(), ConnectTimeout = TimeSpan.FromSeconds(9) }, Change);
            await Patience.UntilAsync(() => session.Publisher.Status.Connections >= 4);

            session.Publisher.Status.Problem.ShouldNotBeNull();
            log.Messages.ShouldNotContain(message => message.Id == 2403, "publishing was not resumed");
            File.Delete(folder);
            Directory.Move(away, folder);
            await Patience.UntilAsync(() => session.Publisher.Status is { IsLive: true, Problem: null });
            log.Messages.Count(message => message.Id == 2403).ShouldBe(1);
        }
        finally
        {
            File.Delete(positionPath);
        }

        RabbitMqPublisherOptions Change(RabbitMqPublisherOptions options) =>
            options with { PositionFile = positionPath, StopTimeout = TimeSpan.FromSeconds(9) };
    }

    private static async Task ShouldBePublishedAsync(RabbitMqClusterOptions cluster, PublishedSession session)
    {
        await session.ShouldHaveRecordedEverythingAsync();
        foreach (var (trId, key) in NumberedService.Keys)
        {
            var recorded = await session.RecordedAsync(key);
            recorded.Count.ShouldBeGreaterThan(10);
            await RawFrames.ShouldBeAsync(cluster, trId, key, recorded);
        }
    }

    // Waits of 10 s and more end at once.
    private sealed class ShortTimeouts : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime >= TimeSpan.FromSeconds(10) ? TimeSpan.FromMilliseconds(20) : dueTime, period);
    }
}
