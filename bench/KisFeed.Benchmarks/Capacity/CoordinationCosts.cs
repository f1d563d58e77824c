using System.Diagnostics;
using System.Globalization;
using KisFeed.Benchmarks.Storing;
using KisFeed.Coordination;
using KisFeed.TestSupport;
using Npgsql;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>Measures what PostgreSQL spends on the requests of ingests and edges, in clusters of several sizes.</summary>
internal static class CoordinationCosts
{
    private const int KeysOfAppKey = 41;
    private const int Connections = 4;
    private const string Schema = ClusterDatabase.DefaultSchema;

    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_brief = TimeSpan.FromSeconds(0.2);
    private static readonly int[] s_sizes = [3, 25, 100, 425];

    public static async Task MeasureAsync(TextWriter output, bool isBrief, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(
            Line($"PostgreSQL 15 with fsync, requests over {Connections} connections as fast as they are answered"));
        foreach (var appKeys in isBrief ? s_sizes[..1] : s_sizes)
        {
            await using var server = await PostgresServer.StartAsync("fsync=on");
            var connectionString = CopyWork.ConnectionStringOf(server).Replace("Pooling=false", "Pooling=true", StringComparison.Ordinal);
            await using (var database = new ClusterDatabase(connectionString))
                await database.UpdateSchemaAsync(cancellationToken);
            var edgeKeys = Math.Min(300, appKeys * KeysOfAppKey);
            await server.QueryAsync(RowsOf(appKeys, edgeKeys));
            await using var source = NpgsqlDataSource.Create(connectionString);
            await output.WriteLineAsync(Line($"  {appKeys} app keys, {appKeys * KeysOfAppKey} keys"));
            await RunAsync(
                "renewal of a lease",
                "SELECT * FROM {0}.request_lease($1, 'Production', $2, 1, 1, interval '1 hour', 0)",
                (_, i) => [AppKey(i % appKeys), Holder(i % appKeys)]);
            await RunAsync(
                "exchange of an ingest (41 keys, nothing to do)",
                "SELECT {0}.sync_ingest($1, $2, 1, 41, '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', interval '30 s', "
                    + "interval '10 s', interval '3 s', interval '3 s', interval '5 min', interval '30 s', 150, 900); SELECT count(*) "
                    + "FROM {0}.held_keys($1, $2, 1)",
                (_, i) => [AppKey(i % appKeys), Holder(i % appKeys)]);
            foreach (var (edge, count) in new[] { ("edge", edgeKeys), ("all", appKeys * KeysOfAppKey) }.DistinctBy(e => e.Item2))
            {
                await RunAsync(Line($"exchange of an edge that wants {count} keys"), "SELECT {0}.sync_edge($1, "
                    + "(SELECT sequence + 1 FROM {0}.node WHERE node = $1), false, '{{}}', '{{}}', "
                    + "'{{}}', '{{}}', '{{}}', '{{}}', interval '1 hour'); SELECT count(*) "
                    + "FROM {0}.wanted_keys($1, interval '3 s')", (worker, _) => [Line($"{edge}{worker}")]);
            }

            async Task RunAsync(string name, string sql, Func<int, int, string[]> parametersOf)
            {
                var statements = string.Format(CultureInfo.InvariantCulture, sql, $"\"{Schema}\"").Split("; ");
                await ExecuteAsync(source, statements, parametersOf, isBrief ? s_brief : TimeSpan.FromSeconds(1), cancellationToken);
                var processor = PostgresProcesses.ProcessorTime(server.ProcessId);
                var (count, seconds) = await ExecuteAsync(
                    source, statements, parametersOf, isBrief ? s_brief : s_duration, cancellationToken);
                processor = PostgresProcesses.ProcessorTime(server.ProcessId) - processor;
                await output.WriteLineAsync(
                    Line($"    {name}: {processor.TotalMilliseconds / count:0.000} ms of processor each, {count / seconds:N0}/s"));
            }
        }
    }

    // Every key is registered and wanted: the state of a cluster in which nothing changes.
    private static string RowsOf(int appKeys, int edgeKeys) => Line($"""
        SET search_path = "{Schema}";
        INSERT INTO lease (app_key, environment, holder, epoch, expires_at, held_since, slots)
            SELECT 'key' || a, 'Production', 'node' || a, 1, now() + interval '1 hour', now() - interval '1 hour', 41
                FROM generate_series(0, {appKeys - 1}) a;
        INSERT INTO node (node, is_edge, expires_at) SELECT 'node' || a, false, now() + interval '1 hour'
            FROM generate_series(0, {appKeys - 1}) a;
        INSERT INTO node (node, is_edge, expires_at) SELECT e || w, true, now() + interval '1 hour'
            FROM unnest(ARRAY['edge', 'all']) e, generate_series(0, {Connections - 1}) w;
        INSERT INTO placement (environment, tr_id, key, holder, holder_epoch, key_epoch, state, changed_at, claimed_at)
            SELECT 'Production', 'H0UNCNT0', lpad(k::text, 6, '0'), 'key' || k % {appKeys}, 1, 1, 'registered', now() - interval '1 hour',
                now() - interval '1 hour' FROM generate_series(0, {(appKeys * KeysOfAppKey) - 1}) k;
        INSERT INTO demand (node, environment, tr_id, key, wanted_at) SELECT 'all' || w, environment, tr_id, key, now() - interval '1 hour'
            FROM placement, generate_series(0, {Connections - 1}) w;
        INSERT INTO demand (node, environment, tr_id, key, wanted_at) SELECT 'edge' || w, environment, tr_id, key, now() - interval '1 hour'
            FROM (SELECT * FROM placement ORDER BY key LIMIT {edgeKeys}) p, generate_series(0, {Connections - 1}) w;
        VACUUM ANALYZE lease, node, placement, demand;
        """);

    private static async Task<(int Count, double Seconds)> ExecuteAsync(
        NpgsqlDataSource source, string[] statements, Func<int, int, string[]> parametersOf, TimeSpan duration,
        CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var next = 0;
        var count = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(() => LoopAsync(worker), cancellationToken)));
        return (count, Stopwatch.GetElapsedTime(startedAt).TotalSeconds);

        async Task LoopAsync(int worker)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            while (Stopwatch.GetElapsedTime(startedAt) < duration)
            {
                var parameters = parametersOf(worker, Interlocked.Increment(ref next) - 1);
                await using var batch = connection.CreateBatch();
                foreach (var statement in statements)
                {
                    var command = new NpgsqlBatchCommand(statement);
                    foreach (var parameter in parameters)
                        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
                    batch.BatchCommands.Add(command);
                }

                await batch.ExecuteNonQueryAsync(cancellationToken);
                Interlocked.Increment(ref count);
            }
        }
    }

    private static string AppKey(int i) => Line($"key{i}");

    private static string Holder(int i) => Line($"node{i}");

    private static string Line(string text) => text;
}
