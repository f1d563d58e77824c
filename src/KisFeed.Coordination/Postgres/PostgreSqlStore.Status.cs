using Npgsql;

namespace KisFeed.Coordination.Postgres;

// Reads all rows, with the right to read the tables.
internal sealed partial class PostgreSqlStore
{
    public Task<ClusterStatus> ReadAsync(CancellationToken cancellationToken) =>
        ReadRowsAsync(KeyQuery, PlacementOf, static (at, nodes, leases, keys) => new ClusterStatus(at, nodes, leases, keys), cancellationToken);

    /// <summary>Reads all rows, but only the number of keys.</summary>
    public Task<ClusterSummary> ReadSummaryAsync(CancellationToken cancellationToken) => ReadRowsAsync(
        KeyCountQuery,
        static row => new ClusterKeyCount(StateOf(row.GetString(0)), row.GetInt32(1), row.GetInt32(2)),
        static (at, nodes, leases, keys) => new ClusterSummary(at, nodes, leases, [.. keys.OrderBy(static count => count.State)]),
        cancellationToken);

    /// <summary>Says how far a process is behind.</summary>
    public Task ReportLagAsync(string node, TimeSpan lag, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.report_lag($1, $2)", [node, lag], cancellationToken);

    private Task<TResult> ReadRowsAsync<TKey, TResult>(
        string keyQuery, Func<NpgsqlDataReader, TKey> readKey, Func<DateTimeOffset, List<ClusterNode>, List<ClusterLease>, List<TKey>, TResult> combine, CancellationToken cancellationToken) => servers.RunAsync(
        async (connection, token) =>
        {
            // One statement sees one moment; several need a transaction that does.
            var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, token).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var now = (await QueryAsync(connection, "SELECT now()", static row => row.GetFieldValue<DateTimeOffset>(0), token).ConfigureAwait(false))[0];
                var nodes = await QueryAsync(
                    connection,
                    $"SELECT node, is_edge, expires_at, (SELECT count(*) FROM {_sql.Quoted}.demand d WHERE d.node = n.node)::integer, lag FROM {_sql.Quoted}.node n ORDER BY node",
                    row => new ClusterNode(row.GetString(0), row.GetBoolean(1), row.GetFieldValue<DateTimeOffset>(2) - now, row.GetInt32(3)) { Lag = row.IsDBNull(4) ? null : row.GetTimeSpan(4) },
                    token).ConfigureAwait(false);
                var leases = await QueryAsync(connection, LeaseQuery, row => LeaseOf(row, now), token).ConfigureAwait(false);
                var keys = await QueryAsync(connection, keyQuery, readKey, token).ConfigureAwait(false);
                return combine(now, nodes, leases, keys);
            }
        },
        cancellationToken);

    private string LeaseQuery => $"""
        SELECT app_key, environment, holder, epoch, greatest(expires_at, now() - interval '1 year'), places, (SELECT count(*) FROM {_sql.Quoted}.placement p WHERE p.holder = l.app_key)::integer,
            {UsesOf("a")}, {UsesOf("r")}
        FROM {_sql.Quoted}.lease l ORDER BY app_key
        """;

    private string KeyQuery => $"""
        SELECT p.environment, p.tr_id, p.key, p.state, p.holder, p.holder_epoch, p.key_epoch, coalesce(d.edges, 0)::integer, p.code, p.text
        FROM {_sql.Quoted}.placement p LEFT JOIN (SELECT environment, tr_id, key, count(*) AS edges FROM {_sql.Quoted}.demand GROUP BY 1, 2, 3) d
            ON d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key
        WHERE p.holder IS NOT NULL OR d.edges IS NOT NULL ORDER BY 1, 2, 3
        """;

    private string KeyCountQuery => $"""
        SELECT state, count(*)::integer, count(*) FILTER (WHERE is_wanted)::integer
        FROM (
            SELECT p.state, p.holder, EXISTS (SELECT 1 FROM {_sql.Quoted}.demand d WHERE d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key) AS is_wanted
            FROM {_sql.Quoted}.placement p
        ) k
        WHERE holder IS NOT NULL OR is_wanted GROUP BY state
        """;

    private string UsesOf(string kind) => $"(SELECT coalesce(sum(amount), 0) FROM {_sql.Quoted}.app_key_use u WHERE u.app_key = l.app_key AND kind = '{kind}' AND used_at > now() - interval '1 hour')::integer";

    private static ClusterLease LeaseOf(NpgsqlDataReader row, DateTimeOffset now) => new(
        row.GetString(0),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.GetInt64(3),
        row.GetFieldValue<DateTimeOffset>(4) - now,
        row.GetInt32(5),
        row.GetInt32(6),
        row.GetInt32(7),
        row.GetInt32(8));

    private static ClusterPlacement PlacementOf(NpgsqlDataReader row) =>
        new(KeyOf(row), StateOf(row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4), row.GetInt64(5), row.GetInt64(6), row.GetInt32(7), row.GetString(8), row.GetString(9));

    private static async Task<List<TRow>> QueryAsync<TRow>(NpgsqlConnection connection, string text, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var rows = new List<TRow>();
        var command = new NpgsqlCommand(text, connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));
            }
        }

        return rows;
    }
}
