using System.Collections.Concurrent;
using KisFeed.Coordination.Storing;
using KisFeed.Coordination.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.Coordination.Tests;

/// <summary>An edge and ingests over a real PostgreSQL: keys are placed, refused, moved and released.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(ClusterServer))]
public sealed class KeeperTests(ClusterServer server)
{
    private static readonly CoordinationOptions s_options = new()
    {
        LeaseTtl = TimeSpan.FromSeconds(10), // No process dies here, and a busy machine may be slow.
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
        await server.ExecuteAsync("DROP ROLE IF EXISTS gateways; CREATE ROLE gateways LOGIN; DROP ROLE IF EXISTS monitors; "
            + $"CREATE ROLE monitors LOGIN; {ClusterDatabase.GrantsOf(schema, "gateways", "monitors")}");
        await using var limited = new ClusterDatabase(server.ConnectionStringFor("gateways"), schema);
        await using var reader = new ClusterDatabase(server.ConnectionStringFor("monitors"), schema);
        await using var edge = EdgeDemandKeeper.Start(
            limited, KisEnvironment.Production, AppKeyLeaseKeeper.NewNode("edge"), s_options);
        await using var first = new Ingest(limited, "first");
        var second = new Ingest(limited, "second");

        await Task.WhenAll(Enumerable.Range(1, 4).Select(i => edge.AddAsync(IndexTrade.Feed.Schema, $"000{i}", CancellationToken.None)))
            .WaitAsync(Patience.Limit);
        first.Keys.Held.Keys.Concat(second.Keys.Held.Keys).Order(StringComparer.Ordinal).ShouldBe(["0001", "0002", "0003", "0004"]);
        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(
            edge.AddAsync(IndexTrade.Feed.Schema, "wrong", CancellationToken.None).WaitAsync(Patience.Limit));
        refusal.Code.ShouldBe(BrokerCode.InvalidTrKey);

        await second.DisposeAsync();
        await Patience.UntilAsync(() => first.Keys.Held.Count == 4);
        var status = await reader.ReadStatusAsync();
        status.Keys.Count(key => key.State == PlacementState.Registered && key.Edges == 1).ShouldBeGreaterThan(0);
        status.Leases.Count.ShouldBe(2);
        status.Nodes.ShouldContain(node => node.IsEdge && node.Wanted == 4);

        for (var i = 1; i <= 4; i++)
            await edge.RemoveAsync(IndexTrade.Feed.Schema, $"000{i}");
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
            await Patience.UntilAsync(
                async () => (await database.ReadStatusAsync()).Leases.Count(lease => lease.ExpiresIn > TimeSpan.Zero) == ingests.Count);
        }
        finally
        {
            foreach (var ingest in ingests)
                await ingest.DisposeAsync();
        }
    }

    /// <summary>The first version of the schema, as far as it differs.</summary>
    [Fact]
    public async Task An_update_of_the_schema_replaces_its_functions_and_keeps_the_rights_to_execute_them()
    {
        var (database, schema) = await server.CreateAsync();
        await using var closed = database;
        await server.ExecuteAsync($"""
            DROP ROLE IF EXISTS updated; CREATE ROLE updated LOGIN; {ClusterDatabase.GrantsOf(schema, "updated", null)}
            DELETE FROM {schema}.schema_version WHERE version = 2;
            ALTER TABLE {schema}.lease DROP COLUMN request;
            DROP FUNCTION {schema}.request_lease(text, text, text, bigint, bigint, interval, integer);
            CREATE FUNCTION {schema}.request_lease(text, text, text, bigint, interval, integer) RETURNS void LANGUAGE sql AS 'SELECT';
            """);

        await database.UpdateSchemaAsync();

        await using var limited = new ClusterDatabase(server.ConnectionStringFor("updated"), schema);
        (await limited.Store.LeaseAsync(
            new LeaseRequest("A", "Simulator", "a", 1, 0, TimeSpan.FromMinutes(1)), CancellationToken.None)).IsHeld
            .ShouldBeTrue();
    }

    [Fact]
    public async Task A_password_that_has_changed_is_read_again_for_each_connection()
    {
        var (database, schema) = await server.CreateAsync();
        await using var closed = database;
        await server.ExecuteAsync("DROP ROLE IF EXISTS rotated; CREATE ROLE rotated LOGIN PASSWORD 'old' IN ROLE "
            + $"{PostgresServer.PasswordRole}; {ClusterDatabase.GrantsOf(schema, "rotated", null)}");
        Func<string> read = () => "old";
        await using var limited = new ClusterDatabase($"{server.ConnectionStringFor("rotated")};Password=ignored", schema, () => read());
        await limited.ReadStatusAsync();

        // A change of the password does not end connections.
        await server.ExecuteAsync(
            "ALTER ROLE rotated PASSWORD 'new'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'");
        read = () => throw new KisFeedConfigurationException("/etc/kisfeed/password is empty");
        await Patience.UntilAsync(async () => await ProblemAsync() == "/etc/kisfeed/password is empty");
        read = () => "new";

        (await ProblemAsync()).ShouldBeNull();

        async Task<string?> ProblemAsync()
        {
            try
            {
                await limited.ReadStatusAsync();
                return null;
            }
            catch (CoordinationException e)
            {
                return e.Message;
            }
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
            _lease = AppKeyLeaseKeeper.Start(
                database, new AppCredentials { AppKey = name, AppSecret = "secret" }, KisEnvironment.Production,
                AppKeyLeaseKeeper.NewNode(name), s_options);
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

        public int Slots => 4;

        public Task RegisterAsync(
            string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken)
        {
            if (key == "wrong")
                throw new SubscribeRefusedException("refused") { Code = BrokerCode.InvalidTrKey, BrokerText = "wrong" };
            WasRegisteredTwice |= !Held.TryAdd(key, keyEpoch);
            return Task.CompletedTask;
        }

        public Task ReleaseAsync(string feed, string key)
        {
            Held.TryRemove(key, out _);
            return Task.CompletedTask;
        }
    }
}
