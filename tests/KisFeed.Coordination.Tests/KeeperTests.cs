using System.Collections.Concurrent;
using KisFeed.Coordination.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Testing;
using KisFeed.Wire;

namespace KisFeed.Coordination.Tests;

/// <summary>An edge and ingests over a real PostgreSQL: keys are placed, refused, moved and released.</summary>
public sealed class KeeperTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private static readonly CoordinationOptions s_options = new()
    {
        LeaseTtl = TimeSpan.FromSeconds(1),
        PollInterval = TimeSpan.FromMilliseconds(100),
        TakeoverDelay = TimeSpan.FromMilliseconds(200),
        FairDelay = TimeSpan.FromMilliseconds(500),
        ReleaseGrace = TimeSpan.Zero,
        MinimumHold = TimeSpan.Zero,
    };

    [Fact]
    public async Task Keys_are_placed_refused_moved_and_released()
    {
        var (database, schema) = await server.CreateAsync();
        await using var closed = database;
        await server.ExecuteAsync($"DROP ROLE IF EXISTS gateways; CREATE ROLE gateways LOGIN; DROP ROLE IF EXISTS monitors; CREATE ROLE monitors LOGIN; {ClusterDatabase.GrantsOf(schema, "gateways", "monitors")}");
        await using var limited = new ClusterDatabase(server.ConnectionStringFor("gateways"), schema);
        await using var reader = new ClusterDatabase(server.ConnectionStringFor("monitors"), schema);
        var changes = new ConcurrentQueue<DemandChange>();
        await using var edge = EdgeDemandKeeper.Start(limited, KisEnvironment.Production, AppKeyLeaseKeeper.NewNode("edge"), s_options, changes.Enqueue);
        await using var first = new Ingest(limited, "first");
        var second = new Ingest(limited, "second");

        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => edge.AddAsync(IndexTrade.Feed.Schema, $"000{i}", CancellationToken.None))).WaitAsync(Patience.Limit);
        first.Keys.Held.Keys.Concat(second.Keys.Held.Keys).Order(StringComparer.Ordinal).ShouldBe(["0001", "0002", "0003", "0004"]);
        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(edge.AddAsync(IndexTrade.Feed.Schema, "wrong", CancellationToken.None).WaitAsync(Patience.Limit));
        refusal.Code.ShouldBe(BrokerCode.InvalidTrKey);

        await second.DisposeAsync();
        await Patience.UntilAsync(() => first.Keys.Held.Count == 4);
        var status = await reader.ReadStatusAsync();
        status.Keys.Count(key => key.State == PlacementState.Registered && key.Edges == 1).ShouldBeGreaterThan(0);
        status.Leases.Count.ShouldBe(2);
        status.Nodes.ShouldContain(node => node.IsEdge && node.Wanted == 4);

        for (var i = 1; i <= 4; i++)
            edge.Remove(IndexTrade.Feed.Schema, $"000{i}");
        await Patience.UntilAsync(() => first.Keys.Held.IsEmpty);
        first.Keys.WasRegisteredTwice.ShouldBeFalse();
    }

    [Fact]
    public async Task A_process_may_have_more_app_keys_than_connections()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        List<Ingest> ingests = [.. Enumerable.Range(0, 30).Select(i => new Ingest(database, $"k{i}"))];
        try
        {
            await Patience.UntilAsync(async () => (await database.ReadStatusAsync()).Leases.Count(lease => lease.ExpiresIn > TimeSpan.Zero) == ingests.Count);
        }
        finally
        {
            foreach (var ingest in ingests)
                await ingest.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_role_without_rights_is_told_what_to_do()
    {
        await server.ExecuteAsync("DROP ROLE IF EXISTS nobody; CREATE ROLE nobody LOGIN");
        await using var database = new ClusterDatabase($"{server.ConnectionStringFor("nobody")};Password=p4ss", "missing");

        var error = await Should.ThrowAsync<CoordinationException>(database.UpdateSchemaAsync());
        error.Message.ShouldContain("docs/coordination.md");
        error.ToString().ShouldNotContain("p4ss");
        Should.Throw<ArgumentException>(() => new ClusterDatabase("Host=db;Password=p4ss;word=1")).ToString().ShouldNotContain("p4ss");
    }

    private sealed class Ingest : IAsyncDisposable
    {
        private readonly AppKeyLeaseKeeper _lease;
        private readonly PlacementKeeper _placement;

        public Ingest(ClusterDatabase database, string name)
        {
            _lease = AppKeyLeaseKeeper.Start(database, new AppCredentials { AppKey = name, AppSecret = "secret" }, KisEnvironment.Production, AppKeyLeaseKeeper.NewNode(name), s_options);
            _placement = PlacementKeeper.Start(_lease, Keys);
        }

        public FakeKeys Keys { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await _placement.DisposeAsync();
            await _lease.DisposeAsync();
        }
    }

    private sealed class FakeKeys : IKeyRegistrar
    {
        public ConcurrentDictionary<string, long> Held { get; } = new(StringComparer.Ordinal);

        public bool WasRegisteredTwice { get; private set; }

        public int Places => 4;

        public Task RegisterAsync(string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken)
        {
            if (key == "wrong")
                throw new SubscribeRefusedException("refused") { Code = BrokerCode.InvalidTrKey, BrokerText = "wrong" };
            WasRegisteredTwice |= !Held.TryAdd(key, keyEpoch);
            return Task.CompletedTask;
        }

        public Task ReleaseAsync(string feed, string key, long keyEpoch)
        {
            Held.TryRemove(key, out _);
            return Task.CompletedTask;
        }
    }
}
