using System.Globalization;
using System.Text;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.Simulator;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Tests;

/// <summary>A cluster as a source of frames, read over connections that are cut.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Broker))]
public sealed class SourceTests(Broker broker)
{
    private const string Late = "1001";

    [Fact]
    public async Task A_tap_gets_each_record_once_over_lost_connections_and_a_later_key_begins_when_it_is_added()
    {
        var cluster = broker.NewCluster();
        await using var proxy = new TcpProxy(broker.Node.Port);
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Burst = 20, Pause = TimeSpan.FromMilliseconds(10) }, Patient);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster with { Nodes = [proxy.Address] } });
        await using var tap = source.OpenTap();
        var reading = new TapReading(tap);
        await AddAsync(tap, Late, isLate: false);
        await Patience.UntilAsync(() => reading.CountOf("0001") > 500);
        proxy.Cut();
        await Patience.UntilAsync(() => reading.CountOf("0001") > 1500);
        proxy.Close();
        await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 2000);
        source.Sessions.Single().Phase.ShouldNotBe(SessionPhase.Open);
        source.Sessions.Single().Problem.ShouldNotBeNull();
        proxy.Open();
        await Patience.UntilAsync(() => source.Sessions.Single().Phase == SessionPhase.Open);
        var before = reading.LastOf("0001");
        await AddAsync(tap, Late, isLate: true);
        await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 3000);
        await UntilAllReceivedAsync(session, reading, 0);
        (await session.FinishAsync()).Unconfirmed.ShouldBe(0);

        foreach (var (_, key) in NumberedService.Keys)
        {
            var recorded = (await session.RecordedAsync(key))
                .ConvertAll(frame => NumberedService.NumberOf(Encoding.UTF8.GetBytes(frame.Text)).Number);
            await Patience.UntilAsync(() => reading.CountOf(key) > 0 && reading.LastOf(key) == recorded[^1]);
            var received = reading.NumbersOf(key);
            received.ShouldBe(recorded.SkipWhile(number => number != received[0]), key);
            if (key == Late)
                received[0].ShouldBeGreaterThan(before - 1000);
        }

        reading.Items.ShouldNotContain(item => item.Event is Gap || item.Event is MalformedFrame);
        // The stopped publisher has released the keys.
        reading.Items.Select(item => item.Event).OfType<Interruption>().ShouldAllBe(interruption => interruption.Reason == GapReason.Moved);
        reading.Items.Select(item => item.Event).OfType<SessionLost>().ShouldAllBe(lost => lost.Session == RabbitMqSource.SessionName);
        reading.Items.Select(item => item.Event).OfType<SessionLost>().Count().ShouldBeGreaterThanOrEqualTo(2);
        var frames = reading.Items.Where(item => item.IsFrame).Select(item => item.Frame.ReceivedAt).ToList();
        frames.Zip(frames.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
        await reading.EndAsync(source);
    }

    [Fact]
    public async Task A_lost_session_of_a_publisher_is_the_same_here_as_there()
    {
        var cluster = broker.NewCluster();
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Burst = 5, Pause = TimeSpan.FromMilliseconds(10) }, Patient);
        await using var there = session.Client.OpenTap();
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster });
        await using var here = source.OpenTap();
        var (expected, actual) = (new TapReading(there), new TapReading(here));
        await AddAsync(there);
        await AddAsync(here);
        // A gap begins with the last frame that was received here.
        await Patience.UntilAsync(() => NumberedService.Keys.All(wanted => actual.CountOf(wanted.Key) > 5));
        session.Service.Drop(0);
        await session.Service.UntilConnectedAsync(1);
        await session.Service.UntilSentAsync(1, 200);
        await UntilAllReceivedAsync(session, actual, 1);
        (await session.FinishAsync()).Unconfirmed.ShouldBe(0);

        foreach (var (_, key) in NumberedService.Keys)
        {
            var all = expected.DescribedOf(key);
            await Patience.UntilAsync(() => actual.DescribedOf(key).Contains(all[^1]));
            var received = actual.DescribedOf(key);
            received = received[..(received.IndexOf(all[^1]) + 1)]; // Then the publisher releases the key.
            var (skipped, missed) = (Math.Max(received.IndexOf(all[0]), 0), Math.Max(all.IndexOf(received[0]), 0));
            (skipped + missed).ShouldBeLessThan(all.Count);
            received.Skip(skipped).ShouldBe(all.Skip(missed), key);
            received.Count(item => item.StartsWith("Interruption", StringComparison.Ordinal)).ShouldBe(1);
            received.Count(item => item.StartsWith("Gap", StringComparison.Ordinal)).ShouldBe(1);
        }

        actual.Items.Count(item => item.Event is SessionLost { Session: "source/1" }).ShouldBe(1);
        await actual.EndAsync(source);
        await expected.EndAsync(session.Client);
    }

    [Fact]
    public async Task A_wrong_password_ends_the_source_and_says_what_to_do()
    {
        var cluster = broker.NewCluster() with
        {
            Nodes = [new UriBuilder(broker.Node.Address) { UserName = "nobody", Password = "correct-horse-battery" }.Uri],
        };
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster });
        await using var tap = source.OpenTap();

        var exception = await Should.ThrowAsync<ConnectionLostException>(source.Completion.WaitAsync(Patience.Limit));

        exception.Message.ShouldBe("the cluster refuses the user or the password: check the user name and the password");
        exception.ToString().ShouldNotContain("battery");
        (await Should.ThrowAsync<ConnectionLostException>(tap.WaitToReadAsync().AsTask().WaitAsync(Patience.Limit))).ShouldBe(exception);
        source.Sessions.Single().HaltReason.ShouldBe(HaltReason.BadCredentials);
        await Should.ThrowAsync<ConnectionLostException>(tap.AddAsync(IndexTrade.Feed.Schema, "0001"));
    }

    [Fact]
    public async Task The_source_of_the_data_is_known_without_keys_and_order_notices_are_refused()
    {
        var cluster = broker.NewCluster();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Port = 0, Rate = 50, Seed = TestRun.Seed });
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = new string('k', 36),
            AppSecret = new string('s', 180),
            WebSocketUrl = simulator.WebSocketUrl,
            RequestInterval = TimeSpan.Zero,
        });
        await using var publisher = RabbitMqPublisher.Start(
            client, new RabbitMqPublisherOptions { Cluster = cluster, Source = "simulated" });
        await publisher.AddAsync(IndexTrade.Feed.Schema, "0001");
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster });
        await using var tap = source.OpenTap();

        await Patience.UntilAsync(() => source.Sessions.Single().Source == DataSource.Simulation);
        source.Catalog.TryFind("H0STCNI0", out var notices).ShouldBeTrue();
        (await Should.ThrowAsync<FeedNotAvailableException>(tap.AddAsync(notices!, "user"))).Message
            .ShouldContain("connect to the gateway that has the session of the account");
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        source.Registrations.Single().IsConfirmed.ShouldBeTrue();
        await tap.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        source.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_are_asked_for_and_a_refusal_ends_them()
    {
        var cluster = broker.NewCluster();
        var demand = new Demand();
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Burst = 5, Pause = TimeSpan.FromMilliseconds(10) }, Patient);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster, Demand = demand });
        await using var tap = source.OpenTap();
        await using var other = source.OpenTap();
        var (reading, alongside) = (new TapReading(tap), new TapReading(other));
        var adding = tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        var sharing = other.AddAsync(IndexTrade.Feed.Schema, "0001");
        await Patience.UntilAsync(() => demand.Calls.Count == 1);
        adding.IsCompleted.ShouldBeFalse();
        demand.Answer.SetResult(0);
        await Task.WhenAll(adding, sharing);
        await Patience.UntilAsync(() => reading.CountOf("0001") > 0 && alongside.CountOf("0001") > 0);
        alongside.NumbersOf("0001")[0].ShouldBe(reading.NumbersOf("0001")[0]);

        await tap.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        demand.Calls.ShouldBe(["add 0001"]);
        await other.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        demand.Calls.ShouldBe(["add 0001", "remove 0001"]);

        await tap.AddAsync(IndexTrade.Feed.Schema, Late);
        demand.Refuse(IndexTrade.Feed.Schema, Late, new SubscribeRefusedException("no") { Code = BrokerCode.InvalidTrKey });
        await Patience.UntilAsync(
            () => reading.Items.Any(item => item.Event is RegistrationRefused { Code.Value: "OPSP8992" } && item.Key == Late));
        await Patience.UntilAsync(() => demand.Calls.Count == 4);
        demand.Answer = new TaskCompletionSource<uint>();
        demand.Answer.SetException(new RegistrationLimitException("full"));
        await Should.ThrowAsync<RegistrationLimitException>(tap.AddAsync(IndexTrade.Feed.Schema, Late));
        await Patience.UntilAsync(() => demand.Calls.Count == 6);
        demand.Calls.Skip(2).ShouldBe(["add 1001", "remove 1001", "add 1001", "remove 1001"]);
        await reading.EndAsync(source);
    }

    [Fact]
    public async Task What_an_earlier_publisher_of_a_new_key_sends_late_is_not_delivered()
    {
        var cluster = broker.NewCluster();
        var demand = new Demand();
        demand.Answer.SetResult(6);
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Burst = 5, Pause = TimeSpan.FromMilliseconds(10) }, Patient);
        await PublishAgainAsync(5);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster, Demand = demand });
        await using var tap = source.OpenTap();
        var reading = new TapReading(tap);
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");

        await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 500);
        reading.CountOf("0001").ShouldBe(0);
        await PublishAgainAsync(6);
        await Patience.UntilAsync(() => reading.CountOf("0001") > 0);
        reading.Items.ShouldNotContain(item => item.Event is Gap);
        await reading.EndAsync(source);

        async Task PublishAgainAsync(uint epoch)
        {
            await session.Publisher.RemoveAsync(IndexTrade.Feed.Schema, "0001");
            await session.Publisher.AddAsync(IndexTrade.Feed.Schema, "0001", epoch);
        }
    }

    // The publisher releases its keys before the recorder does, which would then have more frames.
    private static async Task UntilAllReceivedAsync(PublishedSession session, TapReading reading, int connection)
    {
        await session.Service.PauseAsync();
        var last = session.Service.SentOn(connection) - 1;
        await Patience.UntilAsync(() => NumberedService.Keys.Any(key => reading.LastOf(key.Key) == last));
    }

    private static RabbitMqPublisherOptions Patient(RabbitMqPublisherOptions options) => options with { StopTimeout = Patience.Limit };

    private static async Task AddAsync(FrameTap tap, string late = "", bool? isLate = null)
    {
        foreach (var (trId, key) in NumberedService.Keys)
        {
            KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
            if (isLate is null || isLate == (key == late))
                await tap.AddAsync(feed!, key).WaitAsync(Patience.Limit);
        }
    }

    [Fact]
    public async Task A_key_is_asked_for_again_only_after_every_earlier_release()
    {
        var cluster = broker.NewCluster() with { Partitions = 1 };
        var demand = new Demand();
        demand.Answer.SetResult(0);
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Burst = 5, Pause = TimeSpan.FromMilliseconds(10) }, Patient);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster, Demand = demand });
        await using var tap = source.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, Late);
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        demand.Release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var releasing = tap.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        await Patience.UntilAsync(() => demand.Calls.Count == 3);

        // One that gives up while the release is pending.
        await using var other = source.OpenTap();
        using var cancellation = new CancellationTokenSource();
        var adding = other.AddAsync(IndexTrade.Feed.Schema, "0001", cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(adding);

        var again = other.AddAsync(IndexTrade.Feed.Schema, "0001");
        for (var key = 2001; key < 2010; key++)
            await tap.AddAsync(IndexTrade.Feed.Schema, key.ToString(CultureInfo.InvariantCulture));
        var before = demand.Calls;
        demand.Release.SetResult();
        await Task.WhenAll(releasing, again);
        before.Count(call => call == "add 0001").ShouldBe(1);
        demand.Calls.Count(call => call == "add 0001").ShouldBe(2);
    }

    private sealed class Demand : IKeyDemand
    {
        private readonly Lock _gate = new();
        private readonly List<string> _calls = [];

        public event EventHandler<KeyRefusedEventArgs>? Refused;

        public TaskCompletionSource<uint> Answer { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Release { get; set; }

        public IReadOnlyList<string> Calls
        {
            get
            {
                lock (_gate)
                    return [.. _calls];
            }
        }

        public Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
        {
            lock (_gate)
                _calls.Add($"add {key}");
            return Answer.Task.WaitAsync(cancellationToken);
        }

        public Task RemoveAsync(FeedSchema feed, string key)
        {
            lock (_gate)
                _calls.Add($"remove {key}");
            return Release?.Task ?? Task.CompletedTask;
        }

        public void Refuse(FeedSchema feed, string key, KisFeedException refusal) =>
            Refused?.Invoke(this, new KeyRefusedEventArgs(feed.TrId, key, refusal));
    }
}
