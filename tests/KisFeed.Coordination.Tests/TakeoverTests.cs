using System.Diagnostics;
using KisFeed.Coordination.Storing;
using KisFeed.Coordination.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination.Tests;

/// <summary>Two clients for one app key, a real PostgreSQL and a real simulator, which refuses a second session.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(ClusterServer))]
public sealed class TakeoverTests(ClusterServer server, ITestOutputHelper output)
{
    private static readonly CoordinationOptions s_options = new()
    {
        LeaseTtl = TimeSpan.FromSeconds(1),
        PollInterval = TimeSpan.FromMilliseconds(200),
        Attempts = new ClusterRateLimit(100, 1_000),
    };

    [Fact]
    public async Task A_standby_takes_over_from_a_holder_that_is_cut_from_the_database()
    {
        var rounds = TestRun.IsFull ? 8 : 2;
        var times = await Task.WhenAll(Enumerable.Range(0, rounds).Select(_ => TakeOverAsync()));
        output.WriteLine($"takeover after {string.Join(", ", times.Select(time => $"{time.TotalSeconds:0.00} s"))} with a lease of "
            + $"{s_options.LeaseTtl.TotalSeconds} s");
    }

    [Fact]
    public async Task A_holder_that_stops_gives_the_lease_back_at_once()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var appKey = TestCredentials.NewAppKey();
        await using var standby = new Keeper(database.Store, "b", appKey);
        var first = new Keeper(database.Store, "a", appKey);
        await Patience.UntilAsync(() => first.Lease.Epoch > 0 || standby.Lease.Epoch > 0);
        var (holder, other) = first.Lease.Epoch > 0 ? (first, standby) : (standby, first);
        var epoch = holder.Lease.Epoch;

        await holder.DisposeAsync();
        other.Lease.Wake();
        await Patience.UntilAsync(() => other.Lease.Epoch == epoch + 1);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_standby_takes_over_from_a_holder_that_cannot_reach_the_broker()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var appKey = TestCredentials.NewAppKey();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var holder = new Keeper(database.Store, "a", appKey);
        await Patience.UntilAsync(() => holder.Lease.Epoch == 1);
        await using var first = KisFeedClient.Start(OptionsOf(new Uri("ws://127.0.0.1:1"), holder));
        var trying = first.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var standby = new Keeper(database.Store, "b", appKey);

        await using var second = await ConnectAsync(simulator, standby).WaitAsync(Patience.Limit);
        standby.Lease.Epoch.ShouldBe(2);
        holder.Lease.MaySend.ShouldBeFalse();
        first.Sessions[0].Phase.ShouldBe(SessionPhase.Waiting);
        trying.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_standby_takes_over_from_a_holder_whose_session_has_ended()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var appKey = TestCredentials.NewAppKey();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var holder = new Keeper(database.Store, "a", appKey);
        await Patience.UntilAsync(() => holder.Lease.Epoch == 1);
        await using var first = KisFeedClient.Start(
            OptionsOf(new Uri("ws://127.0.0.1:1"), holder) with { Reconnect = ReconnectPolicy.Never });
        await Should.ThrowAsync<KisFeedException>(first.SubscribeAsync(IndexTrade.Feed, "0001"));
        first.Sessions[0].Phase.ShouldBe(SessionPhase.Halted);
        await using var standby = new Keeper(database.Store, "b", appKey);

        await using var second = await ConnectAsync(simulator, standby).WaitAsync(Patience.Limit);
        standby.Lease.Epoch.ShouldBe(2);
        holder.Lease.Epoch.ShouldBe(0);
    }

    private async Task<TimeSpan> TakeOverAsync()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var appKey = TestCredentials.NewAppKey();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var holder = new Keeper(database.Store, "a", appKey);
        await Patience.UntilAsync(() => holder.Lease.Epoch == 1);
        await using var first = await ConnectAsync(simulator, holder);
        await using var subscription = await first.SubscribeAsync(IndexTrade.Feed, "0001").WaitAsync(Patience.Limit);

        // Started last: on a busy machine the holder may not renew its lease in time, and would never connect if another took it first.
        await using var standby = new Keeper(database.Store, "b", appKey);
        var connecting = ConnectAsync(simulator, standby);

        holder.Store.IsCut = true;
        var start = Stopwatch.GetTimestamp();
        await using var second = await connecting.WaitAsync(Patience.Limit);
        var time = Stopwatch.GetElapsedTime(start);

        standby.Lease.Epoch.ShouldBe(2);
        first.Sessions[0].Phase.ShouldBe(SessionPhase.Waiting);
        first.Sessions[0].IsStandby.ShouldBeTrue();
        first.Sessions[0].Problem.ShouldBe("waits for the lease of its app key");
        second.Sessions[0].Failures.ShouldBe(0);
        await using var other = await second.SubscribeAsync(IndexTrade.Feed, "0001").WaitAsync(Patience.Limit);

        // The simulator would have refused a second session with OPSP8996.
        await Patience.UntilAsync(() => simulator.Sessions.Count == 1);
        second.Sessions[0].Connections.ShouldBe(1);
        return time;
    }

    private static Task<KisFeedClient> ConnectAsync(SimulatorServer simulator, Keeper keeper) =>
        KisFeedClient.ConnectAsync(OptionsOf(simulator.WebSocketUrl, keeper));

    private static KisFeedOptions OptionsOf(Uri url, Keeper keeper) => new()
    {
        AppKey = keeper.AppKey,
        AppSecret = TestCredentials.AppSecret,
        Environment = KisEnvironment.Simulator,
        WebSocketUrl = url,
        Permits = _ => keeper.Lease,
    };

    // A process, as far as the database is concerned.
    private sealed class Keeper : IAsyncDisposable
    {
        public Keeper(ICoordinationStore store, string node, string appKey)
        {
            AppKey = appKey;
            Store = new CutStore(store);
            Lease = new AppKeyLeaseKeeper(
                Store, AppKeyLeaseKeeper.HashOf(appKey), "Simulator", AppKeyLeaseKeeper.NewNode(node), s_options, TimeProvider.System,
                NullLogger.Instance);
        }

        public string AppKey { get; }

        public CutStore Store { get; }

        public AppKeyLeaseKeeper Lease { get; }

        public ValueTask DisposeAsync() => Lease.DisposeAsync();
    }

    // Requests are not answered while it is cut.
    private sealed class CutStore(ICoordinationStore store) : ICoordinationStore
    {
        public bool IsCut { get; set; }

        public Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
            RunAsync(() => store.LeaseAsync(request, cancellationToken), cancellationToken);

        public Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken) =>
            IsCut ? Task.Delay(Timeout.Infinite, cancellationToken) : store.ReleaseLeaseAsync(appKey, holder, epoch, cancellationToken);

        public Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken) =>
            RunAsync(() => store.RecordAttemptAsync(request, cancellationToken), cancellationToken);

        public Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken) =>
            RunAsync(() => store.SyncIngestAsync(request, cancellationToken), cancellationToken);

        public Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken) =>
            RunAsync(() => store.SyncEdgeAsync(request, cancellationToken), cancellationToken);

        public Task RemoveEdgeAsync(string node, CancellationToken cancellationToken) => store.RemoveEdgeAsync(node, cancellationToken);

        public Task ListenAsync(Action<StoreChange> changed, CancellationToken cancellationToken) =>
            store.ListenAsync(changed, cancellationToken);

        private async Task<TAnswer> RunAsync<TAnswer>(Func<Task<TAnswer>> call, CancellationToken cancellationToken)
        {
            if (IsCut)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return await call();
        }
    }
}
