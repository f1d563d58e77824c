using KisFeed.Coordination.Tests.Staging;
using KisFeed.Feeds;
using KisFeed.Testing;

namespace KisFeed.Coordination.Tests;

/// <summary>The rows of a cluster with counts of keys, as the status of a gateway shows them.</summary>
public sealed class SummaryTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    [Fact]
    public async Task Wanted_keys_are_counted_by_state_once_however_many_edges_want_them()
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var options = new CoordinationOptions { PollInterval = TimeSpan.FromMilliseconds(100) };
        await using var one = EdgeDemandKeeper.Start(database, KisEnvironment.Simulator, "edge-1", options, static _ => { });
        await using var two = EdgeDemandKeeper.Start(database, KisEnvironment.Simulator, "edge-2", options, static _ => { });
        (await database.ReadSummaryAsync()).Keys.ShouldBeEmpty();

        using var stop = new CancellationTokenSource();
        Task[] waiting = [one.AddAsync(IndexTrade.Feed.Schema, "0001", stop.Token), one.AddAsync(IndexTrade.Feed.Schema, "1001", stop.Token), two.AddAsync(IndexTrade.Feed.Schema, "0001", stop.Token)];
        await Patience.UntilAsync(async () => (await database.ReadSummaryAsync()).Nodes.Sum(node => node.Wanted) == 3);

        var summary = await database.ReadSummaryAsync();
        summary.Keys.ShouldBe([new ClusterKeyCount(PlacementState.Free, 2, 2)]);
        summary.Nodes.Select(node => (node.Name, node.IsEdge, node.Wanted)).ShouldBe([("edge-1", true, 2), ("edge-2", true, 1)]);
        summary.Keys.ShouldBe((await database.ReadStatusAsync()).ToSummary().Keys);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(Task.WhenAll(waiting));
    }

    [Theory]
    [InlineData("nobody_knows_me", "PostgreSQL reports 28000")]
    [InlineData(null, "the database cannot be reached")]
    public async Task The_summary_of_a_failure_names_no_host_and_no_user(string? user, string expected)
    {
        await using var database = new ClusterDatabase(user is null ? "Host=/nonexistent/folder;Database=kisfeed;Username=somebody" : server.ConnectionStringFor(user));

        var failure = await Should.ThrowAsync<CoordinationException>(database.ReadSummaryAsync());

        failure.Summary.ShouldBe(expected);
        failure.Message.ShouldStartWith(expected);
    }
}
