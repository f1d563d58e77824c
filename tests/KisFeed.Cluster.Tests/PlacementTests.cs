using System.Globalization;
using KisFeed.Cluster.Tests.Staging;
using KisFeed.Coordination;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests;

/// <summary>
/// Two or more edges whose consumers want changing sets of 300 keys, and two ingests with the same three app keys, through kills of edges
/// and ingests: what is wanted is registered once, and nothing else. <c>KISFEED_CLUSTER_EDGES</c> is the number of edges, or <c>all</c>
/// for ten; without it there are two.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class PlacementTests(ClusterServers servers, ITestOutputHelper report)
{
    private const int AppKeys = 3;
    private const int Slots = AppKeys * 41;
    private const int Keys = 300;
    private const int AllEdges = 10;
    private const int AllRounds = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Every_wanted_key_is_registered_once_and_no_other()
    {
        var seed = TestRun.Seed;
        report.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var edgeCount = Environment.GetEnvironmentVariable("KISFEED_CLUSTER_EDGES") is { Length: > 0 } text
            ? text == "all" ? AllEdges : int.Parse(text, CultureInfo.InvariantCulture)
            : 2;
        var rounds = TestRun.IsFull ? AllRounds : 1;
        await using var cluster = await ClusterMembers.StartAsync(servers, "placement", random.Next());
        await using var firstNetwork = new HeldNetwork();
        await using var secondNetwork = new HeldNetwork();
        string[] noDelay = ["--grace", "100ms", "--min-hold", "100ms"];

        // Each ingest has all app keys, so each is the standby of the others.
        var ingests = await Task.WhenAll(
            cluster.StartIngestAsync("first", firstNetwork, [1, 2, 3], noDelay),
            cluster.StartIngestAsync("second", secondNetwork, [1, 2, 3], noDelay));
        var edges = await Task.WhenAll(Enumerable.Range(0, edgeCount)
            .Select(i => cluster.StartEdgeAsync(string.Create(CultureInfo.InvariantCulture, $"edge{i}"), noDelay)));
        var streams = new Dictionary<GatewayNode, KeyStream>();
        var longest = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            await CloseAsync(streams);

            // Sets of edges overlap, and together they fit into the slots.
            var pool = Enumerable.Range(0, Keys).OrderBy(_ => random.Next()).Take(random.Next(Slots / 2, Slots + 1)).Select(CodeOf)
                .ToList();
            var wanted = edges.ToDictionary(server => server, _ => pool.Where(_ => random.Next(4) == 0).ToHashSet(StringComparer.Ordinal));
            foreach (var key in pool)
                wanted[edges[random.Next(edges.Length)]].Add(key);
            foreach (var (server, keys) in wanted.Where(pair => pair.Value.Count > 0))
                streams.Add(server, KeyStream.Open(server.Web, string.Join(',', keys.Select(key => $"program:{key}"))));
            longest = Max(longest, await UntilRegisteredAsync(cluster, [.. pool]));

            // An edge and an ingest, at once in the first round, then in turn. What only this edge wanted is released when its demand
            // expires, and takes slots until then.
            var edge = round % 3 < 2 ? edges[random.Next(edges.Length)] : null;
            var ingest = round % 3 != 1 ? ingests[random.Next(ingests.Length)] : null;
            await Task.WhenAll(edge?.KillAsync() ?? Task.CompletedTask, ingest?.KillAsync() ?? Task.CompletedTask);
            if (edge is not null && streams.Remove(edge, out var ended))
                await ended.DisposeAsync();
            var present = edges.Length - (edge is null ? 0 : 1);
            var left = wanted.Where(pair => pair.Key != edge).SelectMany(pair => pair.Value).ToHashSet(StringComparer.Ordinal);
            var begin = TimeProvider.System.GetTimestamp();
            await Patience.UntilAsync(
                async () => (await cluster.StatusAsync()).Nodes.Count(node => node.IsEdge && node.ExpiresIn > TimeSpan.Zero) == present,
                limit: s_limit);
            await UntilRegisteredAsync(cluster, left);
            longest = edge is not null ? longest : Max(longest, TimeProvider.System.GetElapsedTime(begin));
            await Task.WhenAll(edge?.StartAsync() ?? Task.CompletedTask, ingest?.StartAsync() ?? Task.CompletedTask);
        }

        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"the longest time until all wanted keys, and no other, were registered: {longest.TotalSeconds:0.0} s"));
        await CloseAsync(streams);
        await UntilRegisteredAsync(cluster, []);
        cluster.BrokerMessages("OPSP8996").ShouldBeEmpty();
        cluster.BrokerMessages("OPSP0008").ShouldBeEmpty();
    }

    // At the broker and in the rows.
    private async Task<TimeSpan> UntilRegisteredAsync(ClusterMembers cluster, HashSet<string> wanted)
    {
        var begin = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> registered = [];
        try
        {
            await Patience.UntilAsync(
                async () =>
                {
                    registered = cluster.RegisteredKeys();
                    if (registered.Count != wanted.Count || !wanted.SetEquals(registered))
                        return false;
                    var placed = (await cluster.StatusAsync()).Keys;
                    return wanted.SetEquals(placed.Where(key => key.State == PlacementState.Registered).Select(key => key.Key))
                        && placed.Count == wanted.Count;
                },
                limit: s_limit);
        }
        catch (ShouldAssertException e)
        {
            var rows = (await cluster.StatusAsync()).Keys.GroupBy(key => key.State).Select(group => $"{group.Count()} {group.Key}");
            var missing = wanted.Except(registered, StringComparer.Ordinal).ToList();
            var others = registered.Except(wanted, StringComparer.Ordinal).ToList();
            report.WriteLine(await cluster.DescribeAsync(missing.Concat(others)));
            var twice = registered.GroupBy(key => key, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key);
            throw new InvalidOperationException(
                $"{wanted.Count} keys are wanted, {registered.Count} are registered. Missing: {string.Join(' ', missing)}. Unwanted: "
                    + $"{string.Join(' ', others)}. Twice: {string.Join(' ', twice)}. Rows: {string.Join(", ", rows)}",
                e);
        }

        return TimeProvider.System.GetElapsedTime(begin);
    }

    private static async Task CloseAsync(Dictionary<GatewayNode, KeyStream> streams)
    {
        foreach (var (edge, stream) in streams)
        {
            stream.Error.ShouldBeNull(edge.Name);
            await stream.DisposeAsync();
        }

        streams.Clear();
    }

    private static string CodeOf(int number) => (100_000 + (number * 10)).ToString(CultureInfo.InvariantCulture);

    private static TimeSpan Max(TimeSpan first, TimeSpan second) => first > second ? first : second;
}
