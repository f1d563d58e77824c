using System.Net;
using System.Net.Sockets;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination.Tests;

/// <summary>A database of several servers, the first of which fails: real servers, with streaming replication and promotion.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class FailOverTests
{
    private static readonly CoordinationOptions s_long = new() { LeaseTtl = TimeSpan.FromMinutes(9) };
    private static readonly CoordinationOptions s_short = new() { LeaseTtl = TimeSpan.FromSeconds(1) };

    /// <summary>A server that accepts connections and answers nothing would use up the time of each request.</summary>
    [Fact]
    public async Task A_silent_first_server_does_not_delay_the_others()
    {
        await using var server = await PostgresServer.StartAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        await using var database = DatabaseOf($"127.0.0.1:{((IPEndPoint)silent.LocalEndPoint!).Port}", server.Host);
        await database.UpdateSchemaAsync();
        await using var keeper = KeeperOf(database, s_short, TimeProvider.System);

        await Patience.UntilAsync(() => keeper.Epoch > 0);
        (await database.ReadStatusAsync()).Leases.Single().Holder.ShouldBe("a");
    }

    /// <summary>The time of the holder is set by the test, so the promotion is faster than its deadline however long it takes.</summary>
    [Fact]
    public async Task A_holder_keeps_its_lease_over_a_promotion_that_is_faster_than_its_deadline()
    {
        await using var primary = await PostgresServer.StartAsync();
        await using var standby = await primary.StartStandbyAsync();
        await using var database = DatabaseOf(primary.Host, standby.Host);
        await database.UpdateSchemaAsync();
        var time = new ManualTimeProvider();
        await using var keeper = KeeperOf(database, s_long, time);
        await Patience.UntilAsync(() => keeper.Epoch == 1);
        var before = await ExpiryAsync(primary);
        await primary.FreezeAsync();
        try
        {
            // Renews the lease while no server accepts writes.
            time.Advance(s_long.LeaseTtl / 3);
            await standby.PromoteAsync();

            await Patience.UntilAsync(async () => await ExpiryAsync(standby) != before);
            keeper.Epoch.ShouldBe(1);
            keeper.MaySend.ShouldBeTrue();
            (await database.ReadStatusAsync()).Leases.Single().Epoch.ShouldBe(1);
        }
        finally
        {
            await primary.ContinueAsync();
        }
    }

    [Fact]
    public async Task A_holder_stands_down_and_takes_its_lease_again_after_a_slow_promotion()
    {
        await using var primary = await PostgresServer.StartAsync();
        await using var standby = await primary.StartStandbyAsync();
        await using var database = DatabaseOf(primary.Host, standby.Host);
        await database.UpdateSchemaAsync();
        await using var keeper = KeeperOf(database, s_short, TimeProvider.System);
        await Patience.UntilAsync(() => keeper.Epoch > 0);
        await primary.KillAsync();
        await Patience.UntilAsync(() => keeper.Epoch == 0);
        var before = long.Parse(
            (await standby.QueryAsync("SELECT epoch FROM kisfeed_cluster.lease")).Single(),
            System.Globalization.CultureInfo.InvariantCulture);
        keeper.Problem.ShouldNotBeNull();

        await standby.PromoteAsync();

        await Patience.UntilAsync(() => keeper.Epoch > before);
    }

    /// <summary>A gateway may start before the resolver of its machine does.</summary>
    [Theory]
    [InlineData("no-such-host.invalid")]
    [InlineData("no-such-host.invalid", "another.invalid")]
    public async Task A_host_that_cannot_be_resolved_may_be_tried_again(params string[] hosts)
    {
        await using var database = DatabaseOf(hosts);

        var error = await Should.ThrowAsync<CoordinationException>(() => database.UpdateSchemaAsync());
        error.IsTransient.ShouldBeTrue();
        error.Message.ShouldNotBeEmpty();
    }

    private static ClusterDatabase DatabaseOf(params string[] hosts) =>
        new($"Host={string.Join(',', hosts)};Database={PostgresServer.Name};Username={PostgresServer.Name}");

    private static AppKeyLeaseKeeper KeeperOf(ClusterDatabase database, CoordinationOptions options, TimeProvider time) =>
        new(database.Store, "A", "Simulator", "a", options, time, NullLogger.Instance);

    private static async Task<string> ExpiryAsync(PostgresServer server) =>
        (await server.QueryAsync("SELECT expires_at FROM kisfeed_cluster.lease")).Single();
}
