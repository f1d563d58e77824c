using KisFeed.Coordination.Tests.Staging;

namespace KisFeed.Coordination.Tests;

/// <summary>The rows of a cluster with counts of keys, as the status of a gateway shows them.</summary>
[Collection(nameof(ClusterServer))]
public sealed class SummaryTests(ClusterServer server)
{
    [Fact]
    public async Task Wanted_keys_are_counted_by_state_once_however_many_edges_want_them()
    {
        var (database, schema) = await server.CreateAsync();
        await using var closed = database;
        (await database.ReadStatusAsync(hasKeys: false)).KeyCounts.ShouldBeEmpty();

        await server.ExecuteAsync($"""
            INSERT INTO {schema}.node (node, is_edge, expires_at)
                VALUES ('edge-1', true, now() + interval '1 hour'), ('edge-2', true, now() + interval '1 hour');
            INSERT INTO {schema}.demand (node, environment, tr_id, key, wanted_at)
                VALUES ('edge-1', 'Simulator', 'H0UPCNT0', '0001', now()), ('edge-1', 'Simulator', 'H0UPCNT0', '1001', now()),
                    ('edge-2', 'Simulator', 'H0UPCNT0', '0001', now());
            INSERT INTO {schema}.placement (environment, tr_id, key, holder, state, changed_at)
                VALUES ('Simulator', 'H0UPCNT0', '0001', NULL, 'free', now()), ('Simulator', 'H0UPCNT0', '1001', NULL, 'free', now()),
                    ('Simulator', 'H0UPCNT0', '2001', 'A', 'registered', now()),
                    ('Simulator', 'H0UPCNT0', '3001', NULL, 'refused', now());
            """);
        var summary = await database.ReadStatusAsync(hasKeys: false);

        summary.KeyCounts.ShouldBe([new ClusterKeyCount(PlacementState.Free, 2, 2), new ClusterKeyCount(PlacementState.Registered, 1, 0)]);
        summary.Nodes.Select(node => (node.Name, node.IsEdge, node.Wanted)).ShouldBe([("edge-1", true, 2), ("edge-2", true, 1)]);
        summary.Keys.ShouldBeEmpty();
        summary.KeyCounts.ShouldBe((await database.ReadStatusAsync()).Keys.Counted());
    }

    [Theory]
    [InlineData("nobody_knows_me", "PostgreSQL reports 28000")]
    [InlineData(null, "the database cannot be reached")]
    public async Task The_summary_of_a_failure_names_no_host_and_no_user(string? user, string expected)
    {
        await using var database = new ClusterDatabase(
            user is null ? "Host=/nonexistent/folder;Database=kisfeed;Username=somebody" : server.ConnectionStringFor(user));

        var failure = await Should.ThrowAsync<CoordinationException>(database.ReadStatusAsync(hasKeys: false));

        failure.Summary.ShouldBe(expected);
        failure.Message.ShouldStartWith(expected);
    }
}
