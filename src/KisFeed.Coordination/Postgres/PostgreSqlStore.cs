using System.Collections.Immutable;
using KisFeed.Coordination.Storing;
using Npgsql;
using NpgsqlTypes;

namespace KisFeed.Coordination.Postgres;

/// <summary>The rows of a cluster in PostgreSQL. Each operation is one round trip and one transaction.</summary>
/// <param name="servers">The servers; disposed by the caller.</param>
/// <param name="schema">The schema.</param>
internal sealed class PostgreSqlStore(DatabaseServers servers, string schema) : ICoordinationStore, IDisposable
{
    private static readonly TimeSpan s_listenInterval = TimeSpan.FromSeconds(1);

    private readonly ClusterSql _sql = new(schema);
    private readonly SemaphoreSlim _listening = new(1);
    private readonly List<Action<StoreChange>> _listeners = [];

    /// <summary>Call it when nobody listens any more.</summary>
    public void Dispose() => _listening.Dispose();

    public Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => ReadOneAsync(
        $"SELECT is_held, held_epoch, remaining FROM {_sql.Quoted}.request_lease($1, $2, $3, $4, $5, $6, $7)",
        [request.AppKey, request.Environment, request.Holder, request.Number, request.Epoch, request.Ttl, request.Attempts],
        static row => new LeaseAnswer(row.GetBoolean(0), row.GetInt64(1), row.GetTimeSpan(2)),
        cancellationToken);

    public Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.release_lease($1, $2, $3)", [appKey, holder, epoch], cancellationToken);

    public Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken) => ReadOneAsync(
        $"SELECT is_held, is_granted, retry_after FROM {_sql.Quoted}.record_attempt($1, $2, $3, $4, $5)",
        [request.AppKey, request.Holder, request.Epoch, request.Limit.PerMinute, request.Limit.PerHour],
        static row => new AttemptAnswer(row.GetBoolean(0), row.GetBoolean(1), row.GetTimeSpan(2)),
        cancellationToken);

    public async Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken)
    {
        var (reports, rules) = (request.Reports, request.Rules);
        var (isHeld, keys) = await ExecuteAsync(
            [
                new($"SELECT {_sql.Quoted}.sync_ingest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                    + "$14, $15, $16, $17, $18, $19)", [
                    request.AppKey, request.Holder, request.Epoch, request.Places,
                    .. ArraysOf([.. reports.Select(report => report.Key)]), reports.Select(report => report.KeyEpoch).ToArray(),
                    Texts(reports.Select(report => NameOf(report.Kind))), Texts(reports.Select(report => report.Code)),
                    Texts(reports.Select(report => report.Text)),
                    rules.ReleaseGrace, rules.MinimumHold, rules.TakeoverDelay, rules.FairDelay, rules.RefusalMemory, rules.RetryDelay,
                    rules.NewRegistrations.PerMinute, rules.NewRegistrations.PerHour,
                ]),
                new(
                    $"SELECT environment, tr_id, key, key_epoch, state FROM {_sql.Quoted}.held_keys($1, $2, $3)",
                    [request.AppKey, request.Holder, request.Epoch]),
            ],
            static row => new HeldKey(KeyOf(row), row.GetInt64(3), StateOf(row.GetString(4))),
            cancellationToken).ConfigureAwait(false);
        return new IngestAnswer(isHeld, isHeld ? keys : []);
    }

    public async Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken)
    {
        var (isKnown, keys) = await ExecuteAsync(
            [
                new($"SELECT {_sql.Quoted}.sync_edge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", [
                    request.Node, request.Sequence, request.IsFull, .. ArraysOf(request.Added), .. ArraysOf(request.Removed), request.Ttl,
                ]),
                new(
                    $"SELECT environment, tr_id, key, state, key_epoch, code, text FROM {_sql.Quoted}.wanted_keys($1, $2)",
                    [request.Node, request.TakeoverDelay]),
            ],
            static row => WantedOf(row),
            cancellationToken).ConfigureAwait(false);
        return new EdgeAnswer(isKnown, isKnown ? keys : []);
    }

    public Task RemoveEdgeAsync(string node, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.remove_edge($1)", [node], cancellationToken);

    public async Task ListenAsync(Action<StoreChange> changed, CancellationToken cancellationToken)
    {
        lock (_listeners)
            _listeners.Add(changed);
        try
        {
            // One connection for all app keys of a process: whoever listens tells the others.
            await _listening.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await ListenAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _listening.Release();
            }
        }
        finally
        {
            lock (_listeners)
                _listeners.Remove(changed);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var connection = await servers.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, notification) =>
            {
                var change = notification.Payload switch
                {
                    "lease" => StoreChange.Lease,
                    "placement" => StoreChange.Placement,
                    _ => StoreChange.Demand,
                };
                Action<StoreChange>[] listeners;
                lock (_listeners)
                    listeners = [.. _listeners];
                foreach (var changed in listeners)
                    changed(change);
            };
            var command = new NpgsqlCommand($"LISTEN {_sql.Quoted}", connection);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);

            // A server that was replaced sends nothing more, and perhaps not even the end of the connection.
            while (servers.IsCurrent(connection))
                await connection.WaitAsync(s_listenInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<int> ExecuteAsync(string text, object[] values, CancellationToken cancellationToken) => servers.RunAsync(
        async (connection, token) =>
        {
            var command = new NpgsqlCommand(text, connection);
            await using (command.ConfigureAwait(false))
            {
                Add(command.Parameters, values);
                return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }
        },
        cancellationToken);

    private Task<TRow> ReadOneAsync<TRow>(
        string text, object[] values, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        servers.RunAsync(
            async (connection, token) =>
            {
                var command = new NpgsqlCommand(text, connection);
                await using (command.ConfigureAwait(false))
                {
                    Add(command.Parameters, values);
                    var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        await reader.ReadAsync(token).ConfigureAwait(false);
                        var row = read(reader);
                        await reader.NextResultAsync(token).ConfigureAwait(false);
                        return row;
                    }
                }
            },
            cancellationToken);

    // One batch is one transaction: a change, and a query of its consequences.
    private Task<(bool IsDone, ImmutableArray<TRow> Rows)> ExecuteAsync<TRow>(
        Statement[] statements, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        servers.RunAsync(
            async (connection, token) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    foreach (var statement in statements)
                    {
                        var command = new NpgsqlBatchCommand(statement.Text);
                        Add(command.Parameters, statement.Values);
                        batch.BatchCommands.Add(command);
                    }

                    var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        await reader.ReadAsync(token).ConfigureAwait(false);
                        var isDone = reader.GetBoolean(0);
                        await reader.NextResultAsync(token).ConfigureAwait(false);
                        var rows = ImmutableArray.CreateBuilder<TRow>();
                        while (await reader.ReadAsync(token).ConfigureAwait(false))
                            rows.Add(read(reader));

                        // The transaction is committed when everything has been read.
                        await reader.NextResultAsync(token).ConfigureAwait(false);
                        return (isDone, rows.DrainToImmutable());
                    }
                }
            },
            cancellationToken);

    private static string[][] ArraysOf(ImmutableArray<ClusterKey> keys) =>
        [Texts(keys.Select(key => key.Environment)), Texts(keys.Select(key => key.TrId)), Texts(keys.Select(key => key.Key))];

    // The parameters are created for each execution, because a collection belongs to one command.
    private static void Add(NpgsqlParameterCollection parameters, object[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(value switch
            {
                string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
                string[] texts =>
                    new NpgsqlParameter<string[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                long[] numbers => new NpgsqlParameter<long[]> { TypedValue = numbers },
                long number => new NpgsqlParameter<long> { TypedValue = number },
                int number => new NpgsqlParameter<int> { TypedValue = number },
                bool flag => new NpgsqlParameter<bool> { TypedValue = flag },
                TimeSpan time => new NpgsqlParameter<TimeSpan> { TypedValue = time, NpgsqlDbType = NpgsqlDbType.Interval },
                _ => throw new ArgumentException($"a value is of the type {value.GetType().Name}", nameof(values)),
            });
        }
    }

    private static string[] Texts(IEnumerable<string> texts) => [.. texts];

    private static ClusterKey KeyOf(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2));

    private static WantedKey WantedOf(NpgsqlDataReader row)
    {
        var state = row.GetString(3) switch
        {
            "refused" => DemandState.Refused,
            "registered" => DemandState.Registered,
            "no place" => DemandState.NoFreePlace,
            _ => DemandState.Waiting,
        };
        return state == DemandState.Refused
            ? new WantedKey(KeyOf(row), state, row.GetInt64(4), row.GetString(5), row.GetString(6))
            : new WantedKey(KeyOf(row), state, row.GetInt64(4));
    }

    private static string NameOf(PlacementReportKind kind) => kind switch
    {
        PlacementReportKind.Registered => "registered",
        PlacementReportKind.Released => "released",
        PlacementReportKind.Failed => "failed",
        _ => "refused",
    };

    private static PlacementState StateOf(string name) => name switch
    {
        "claimed" => PlacementState.Claimed,
        "registered" => PlacementState.Registered,
        "releasing" => PlacementState.Releasing,
        "refused" => PlacementState.Refused,
        _ => PlacementState.Free,
    };

    private sealed record Statement(string Text, object[] Values);

    // Reads all rows, with the right to read the tables.

    public Task<ClusterStatus> ReadAsync(CancellationToken cancellationToken) =>
        ReadRowsAsync(
            KeyQuery, PlacementOf, static (at, nodes, leases, keys) => new ClusterStatus(at, nodes, leases, keys), cancellationToken);

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
        string keyQuery,
        Func<NpgsqlDataReader, TKey> readKey,
        Func<DateTimeOffset, List<ClusterNode>, List<ClusterLease>, List<TKey>, TResult> combine,
        CancellationToken cancellationToken) =>
        servers.RunAsync(
        async (connection, token) =>
        {
            // One statement sees one moment; several need a transaction that does.
            var transaction = await connection.BeginTransactionAsync(
                System.Data.IsolationLevel.RepeatableRead, token).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var now = (await QueryAsync(
                    connection, "SELECT now()", static row => row.GetFieldValue<DateTimeOffset>(0), token).ConfigureAwait(false))[0];
                var nodes = await QueryAsync(
                    connection,
                    $"SELECT node, is_edge, expires_at, (SELECT count(*) FROM {_sql.Quoted}.demand d WHERE d.node = n.node)::integer, lag "
                        + $"FROM {_sql.Quoted}.node n ORDER BY node",
                    row => new ClusterNode(row.GetString(0), row.GetBoolean(1), row.GetFieldValue<DateTimeOffset>(2) - now, row.GetInt32(3))
                    {
                        Lag = row.IsDBNull(4) ? null : row.GetTimeSpan(4),
                    },
                    token).ConfigureAwait(false);
                var leases = await QueryAsync(connection, LeaseQuery, row => LeaseOf(row, now), token).ConfigureAwait(false);
                var keys = await QueryAsync(connection, keyQuery, readKey, token).ConfigureAwait(false);
                return combine(now, nodes, leases, keys);
            }
        },
        cancellationToken);

    private string LeaseQuery => $"""
        SELECT app_key, environment, holder, epoch, greatest(expires_at, now() - interval '1 year'), places, (SELECT count(*)
            FROM {_sql.Quoted}.placement p WHERE p.holder = l.app_key)::integer,
            {UsesOf("a")}, {UsesOf("r")}
        FROM {_sql.Quoted}.lease l ORDER BY app_key
        """;

    private string KeyQuery => $"""
        SELECT p.environment, p.tr_id, p.key, p.state, p.holder, p.holder_epoch, p.key_epoch, coalesce(d.edges, 0)::integer, p.code, p.text
        FROM {_sql.Quoted}.placement p LEFT JOIN (SELECT environment, tr_id, key, count(*) AS edges FROM {_sql.Quoted}.demand
            GROUP BY 1, 2, 3) d
            ON d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key
        WHERE p.holder IS NOT NULL OR d.edges IS NOT NULL ORDER BY 1, 2, 3
        """;

    private string KeyCountQuery => $"""
        SELECT state, count(*)::integer, count(*) FILTER (WHERE is_wanted)::integer
        FROM (
            SELECT p.state, p.holder, EXISTS (SELECT 1 FROM {_sql.Quoted}.demand d WHERE d.environment = p.environment AND d.tr_id = p.tr_id
                AND d.key = p.key) AS is_wanted
            FROM {_sql.Quoted}.placement p
        ) k
        WHERE holder IS NOT NULL OR is_wanted GROUP BY state
        """;

    private string UsesOf(string kind) => $"(SELECT coalesce(sum(amount), 0) FROM {_sql.Quoted}.app_key_use u WHERE u.app_key = l.app_key "
        + $"AND kind = '{kind}' AND used_at > now() - interval '1 hour')::integer";

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
        new(
            KeyOf(row), StateOf(row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4), row.GetInt64(5), row.GetInt64(6),
            row.GetInt32(7), row.GetString(8), row.GetString(9));

    private static async Task<List<TRow>> QueryAsync<TRow>(
        NpgsqlConnection connection, string text, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
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
