using System.Diagnostics;
using System.Globalization;
using KisFeed.Benchmarks.Storing;
using KisFeed.Coordination;
using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>
/// Measures how long a cluster takes from its start until every wanted key is registered, and what PostgreSQL spends then and afterwards.
/// </summary>
internal static class CoordinationStart
{
    private const int KeysOfAppKey = 41;
    private const int AppKeysOfProcess = 5;
    private const int KeysOfEdge = 300;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_brief = TimeSpan.FromSeconds(1);
    private static readonly (int AppKeys, int Edges)[] s_sizes = [(3, 2), (25, 4), (60, 9)];
    private static readonly int[] s_shares = [5, 9, 10, 20];

    public static async Task MeasureAsync(TextWriter output, bool isBrief, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("PostgreSQL 15 with fsync, and the keepers of a cluster in this process, with a broker that "
            + "acknowledges 20 registrations a second of each app key");
        foreach (var (appKeys, edges) in isBrief ? s_sizes[..1] : s_sizes)
            await MeasureAsync(output, appKeys, edges, isBrief, cancellationToken);
        await ShareAsync(output, isBrief, cancellationToken);
    }

    private static async Task MeasureAsync(TextWriter output, int appKeys, int edges, bool isBrief, CancellationToken cancellationToken)
    {
        var rest = isBrief ? s_brief : s_rest;
        await using var server = await PostgresServer.StartAsync("fsync=on", "max_connections=500");
        var connectionString = CopyWork.ConnectionStringOf(server).Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal);
        var keys = appKeys * KeysOfAppKey;
        var options = new CoordinationOptions();
        List<IAsyncDisposable> owned = [];
        try
        {
            List<PlacementKeeper> ingests = [];
            ClusterDatabase? database = null;
            for (var i = 0; i < appKeys; i++)
            {
                if (i % AppKeysOfProcess == 0)
                    owned.Add(database = new ClusterDatabase(connectionString));
                if (i == 0)
                    await database!.UpdateSchemaAsync(cancellationToken);
                ingests.Add(StartIngest(database!, i, options, owned));
            }

            // A key that is wanted before any slot is known is refused.
            while ((await database!.ReadStatusAsync(hasKeys: false, cancellationToken)).Leases.Count(lease => lease.Slots > 0) < appKeys)
                await Task.Delay(s_pause, cancellationToken);

            // Every key is wanted by one edge at least.
            var edgeKeys = Math.Max(Math.Min(KeysOfEdge, keys), (keys + edges - 1) / edges);
            KisFeeds.Catalog.TryFind("H0UNCNT0", out var feed);
            var (processor, startedAt) = (PostgresProcesses.ProcessorTime(server.ProcessId), Stopwatch.GetTimestamp());
            for (var edge = 0; edge < edges; edge++)
            {
                owned.Add(database = new ClusterDatabase(connectionString));
                var demand = EdgeDemandKeeper.Start(database, KisEnvironment.Production, Line($"edge{edge}"), options);
                owned.Add(demand);
                for (var key = 0; key < edgeKeys; key++)
                {
                    _ = demand.AddAsync(
                        feed!, (((edge * edgeKeys) + key) % keys).ToString("000000", CultureInfo.InvariantCulture), cancellationToken);
                }
            }

            while (ingests.Sum(ingest => ingest.Registered) < keys && Stopwatch.GetElapsedTime(startedAt) < s_limit)
                await Task.Delay(s_pause, cancellationToken);
            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            var starting = (PostgresProcesses.ProcessorTime(server.ProcessId) - processor).TotalSeconds;
            await output.WriteLineAsync(Line($"  {appKeys} app keys, {edges} edges that want {edgeKeys} keys each: "
                + $"{ingests.Sum(ingest => ingest.Registered)} of {keys} keys registered after {elapsed.TotalSeconds:0.0} s, "
                + $"{starting:0.0} s of processor of PostgreSQL"));
            await Task.Delay(isBrief ? s_brief : s_settling, cancellationToken);
            processor = PostgresProcesses.ProcessorTime(server.ProcessId);
            await Task.Delay(rest, cancellationToken);
            await output.WriteLineAsync(
                Line($"    at rest: {(PostgresProcesses.ProcessorTime(server.ProcessId) - processor) / rest:0.000} cores of PostgreSQL"));
        }
        finally
        {
            foreach (var part in Enumerable.Reverse(owned))
                await part.DisposeAsync();
        }
    }

    // How many app keys can share the connections of one database object.
    private static async Task ShareAsync(TextWriter output, bool isBrief, CancellationToken cancellationToken)
    {
        var rest = isBrief ? s_brief : s_rest;
        foreach (var appKeys in isBrief ? s_shares[..1] : s_shares)
        {
            await using var server = await PostgresServer.StartAsync();
            List<IAsyncDisposable> owned = [];
            await using var database = new ClusterDatabase(CopyWork.ConnectionStringOf(server)
                .Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal));
            try
            {
                await database.UpdateSchemaAsync(cancellationToken);
                for (var i = 0; i < appKeys; i++)
                    _ = StartIngest(database, i, new CoordinationOptions(), owned);
                await Task.Delay(rest, cancellationToken);
                var held = await server.QueryAsync("SELECT count(*) FROM kisfeed_cluster.lease WHERE expires_at > now()");
                await output.WriteLineAsync(
                    Line($"  {appKeys} app keys with one ClusterDatabase: {held[0]} leases held after {rest.TotalSeconds} s"));
            }
            finally
            {
                foreach (var part in Enumerable.Reverse(owned))
                    await part.DisposeAsync();
            }
        }
    }

    private static PlacementKeeper StartIngest(
        ClusterDatabase database, int number, CoordinationOptions options, List<IAsyncDisposable> owned)
    {
        var credentials = new AppCredentials { AppKey = Line($"PScapacity{number:0000000000000000000000000}"), AppSecret = "none" };
        var lease = AppKeyLeaseKeeper.Start(database, credentials, KisEnvironment.Production, Line($"ingest{number}"), options);
        owned.Add(lease);
        var placement = PlacementKeeper.Start(lease, new PacedRegistrar());
        owned.Add(placement);
        return placement;
    }

    private static string Line(string text) => text;

    /// <summary>A session that sends a request each 50 ms, as the library does, and gets an answer at once.</summary>
    private sealed class PacedRegistrar : IKeyRegistrar
    {
        private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
        private readonly Lock _gate = new();
        private TimeSpan _next;

        public int Slots => KeysOfAppKey;

        public Task RegisterAsync(
            string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken)
        {
            var now = Stopwatch.GetElapsedTime(0);
            TimeSpan due;
            lock (_gate)
                due = _next = (_next > now ? _next : now) + s_interval;
            return Task.Delay(due - now, cancellationToken);
        }

        public Task ReleaseAsync(string feed, string key) => Task.CompletedTask;
    }
}
