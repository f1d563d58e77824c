using KisFeed.Cli.Clusters;
using KisFeed.Coordination;
using KisFeed.Gateway;

namespace KisFeed.Cli.Tests.Clusters;

/// <summary>The state of a cluster in a real PostgreSQL, as a gateway reads it.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class ClusterMonitorTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task The_state_has_gateways_app_keys_and_keys_and_stays_while_the_database_is_away()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = new ClusterDatabase($"Host={server.Host};Database={PostgresServer.Name};Username={PostgresServer.Name}");
        await database.UpdateSchemaAsync();
        var options = new CoordinationOptions { LeaseTtl = TimeSpan.FromMinutes(5) };
        var credentials = new AppCredentials { AppKey = "APPKEY00000000000000000000000000000A", AppSecret = new string('s', 180) };
        await using var lease = AppKeyLeaseKeeper.Start(database, credentials, KisEnvironment.Simulator, "ingest-1", options);
        await Patience.UntilAsync(() => lease.MaySend);
        await server.QueryAsync("""
            INSERT INTO kisfeed_cluster.node (node, is_edge, expires_at, lag)
                VALUES ('edge-1', true, now() + interval '1 hour', interval '42 s');
            INSERT INTO kisfeed_cluster.demand (node, environment, tr_id, key, wanted_at)
                VALUES ('edge-1', 'Simulator', 'H0UPCNT0', '0001', now());
            INSERT INTO kisfeed_cluster.placement (environment, tr_id, key, changed_at) VALUES ('Simulator', 'H0UPCNT0', '0001', now());
            """);

        var time = new ManualTimeProvider();
        await using var monitor = ClusterMonitor.Start(
            database, new GatewayCluster { Node = "edge-1", Role = GatewayClusterRole.Edge }, time);
        await time.TimerDueInAsync(s_interval);
        var state = monitor.State;

        state.Problem.ShouldBeNull();
        state.ReadAt.ShouldNotBeNull();
        state.Leases.ShouldBe([new GatewayClusterLease(
            AppKeyLeaseKeeper.HashOf(credentials.AppKey), "simulator", "ingest-1", 1, IsHeld: true, Keys: 0, Slots: 0)]);
        state.Nodes!.ShouldContain(
            new GatewayClusterNode("edge-1", GatewayClusterRole.Edge, IsPresent: true, Wanted: 1, AppKeys: 0, TimeSpan.FromSeconds(42)));
        state.Keys.ShouldBe(
            new GatewayClusterKeys { Wanted = 1, Waiting = 1, Free = 1, Claimed = 0, Registered = 0, Releasing = 0, Refused = 0 });
        state.Problems.ShouldBe(["1 wanted key is not registered", "edge-1 is 42.0 s behind"]);

        await server.KillAsync();
        var failedAt = await NextAsync(time);
        var failed = monitor.State;
        failed.ProblemSince.ShouldBe(failedAt);
        failed.Problem.ShouldNotBeNull().ShouldNotContain(server.Host);
        (failed.ReadAt, failed.Keys).ShouldBe((state.ReadAt, state.Keys));
        await NextAsync(time);
        monitor.State.ProblemSince.ShouldBe(failedAt);

        await server.RestartAsync();
        await Patience.UntilAsync(async () =>
        {
            await NextAsync(time);
            return monitor.State.Problem is null;
        });
        monitor.State.ProblemSince.ShouldBeNull();
        monitor.State.ReadAt.ShouldNotBeNull().ShouldBeGreaterThan(state.ReadAt.Value);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(100, 5)]
    [InlineData(400, 20)]
    public void Many_gateways_read_less_often(int nodes, int seconds) =>
        ClusterMonitor.IntervalOf(nodes).ShouldBe(TimeSpan.FromSeconds(seconds));

    // The next read, and the time at which it ended.
    private static async Task<DateTimeOffset> NextAsync(ManualTimeProvider time)
    {
        time.Advance(s_interval);
        await time.TimerDueInAsync(s_interval);
        return time.GetUtcNow();
    }
}
