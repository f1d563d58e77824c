using KisFeed.Coordination.Storing;
using Npgsql;

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

    public async Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            $"SELECT is_held, held_epoch, remaining FROM {_sql.Quoted}.request_lease($1, $2, $3, $4, $5, $6, $7)",
            [request.AppKey, request.Environment, request.Holder, request.Number, request.Epoch, request.Ttl, request.Attempts],
            static row => new LeaseAnswer(row.GetBoolean(0), row.GetInt64(1), row.GetTimeSpan(2)),
            cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    public Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.release_lease($1, $2, $3)", [appKey, holder, epoch], cancellationToken);

    public async Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            $"SELECT is_held, is_granted, retry_after FROM {_sql.Quoted}.record_attempt($1, $2, $3, $4, $5)",
            [request.AppKey, request.Holder, request.Epoch, request.Limit.PerMinute, request.Limit.PerHour],
            static row => new AttemptAnswer(row.GetBoolean(0), row.GetBoolean(1), row.GetTimeSpan(2)),
            cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    public async Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken)
    {
        var (reports, rules) = (request.Reports, request.Rules);
        var (isHeld, keys) = await ChangeAsync(
            ($"SELECT {_sql.Quoted}.sync_ingest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)", [
                request.AppKey, request.Holder, request.Epoch, request.Slots,
                .. ArraysOf(reports.Select(report => report.Key)), reports.Select(report => report.KeyEpoch).ToArray(),
                Texts(reports.Select(report => report.Kind.ToString().ToLowerInvariant())), Texts(reports.Select(report => report.Code)),
                Texts(reports.Select(report => report.Text)),
                rules.ReleaseGrace, rules.MinimumHold, rules.TakeoverDelay, rules.FairDelay, rules.RefusalMemory, rules.RetryDelay,
                rules.NewRegistrations.PerMinute, rules.NewRegistrations.PerHour,
            ]),
            ($"SELECT environment, tr_id, key, key_epoch, state FROM {_sql.Quoted}.held_keys($1, $2, $3)",
                [request.AppKey, request.Holder, request.Epoch]),
            static row => new HeldKey(KeyOf(row), row.GetInt64(3), StateOf(row.GetString(4))),
            cancellationToken).ConfigureAwait(false);
        return new IngestAnswer(isHeld, isHeld ? [.. keys] : []);
    }

    public async Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken)
    {
        var (isKnown, keys) = await ChangeAsync(
            ($"SELECT {_sql.Quoted}.sync_edge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                [request.Node, request.Sequence, request.IsFull, .. ArraysOf(request.Added), .. ArraysOf(request.Removed), request.Ttl]),
            ($"SELECT environment, tr_id, key, state, key_epoch, code, text FROM {_sql.Quoted}.wanted_keys($1, $2)",
                [request.Node, request.TakeoverDelay]),
            static row => WantedOf(row),
            cancellationToken).ConfigureAwait(false);
        return new EdgeAnswer(isKnown, isKnown ? [.. keys] : []);
    }

    public Task RemoveEdgeAsync(string node, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.remove_edge($1)", [node], cancellationToken);

    /// <summary>Says how far a process is behind.</summary>
    public Task<List<bool>> ReportLagAsync(string node, TimeSpan lag, CancellationToken cancellationToken) =>
        ExecuteAsync($"SELECT {_sql.Quoted}.report_lag($1, $2)", [node, lag], cancellationToken);

    /// <summary>Reads all rows, with the right to read the tables, but only the number of keys unless they are wanted.</summary>
    public Task<ClusterStatus> ReadAsync(bool hasKeys, CancellationToken cancellationToken) => servers.RunAsync(
        async (connection, token) =>
        {
            // One statement sees one moment; several need a transaction that does.
            var transaction = await connection.BeginTransactionAsync(
                System.Data.IsolationLevel.RepeatableRead, token).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                Task<List<TRow>> ReadAsync<TRow>(string query, Func<NpgsqlDataReader, TRow> read) =>
                    QueryAsync(connection, query, [], read, token);

                var now = (await ReadAsync(
                    "SELECT now()", static row => row.GetFieldValue<DateTimeOffset>(0)).ConfigureAwait(false))[0];
                return new ClusterStatus(
                    now,
                    await ReadAsync(NodeQuery, row => NodeOf(row, now)).ConfigureAwait(false),
                    await ReadAsync(LeaseQuery, row => LeaseOf(row, now)).ConfigureAwait(false),
                    [.. (await ReadAsync(KeyCountQuery, static row => CountOf(row)).ConfigureAwait(false)).OrderBy(count => count.State)])
                {
                    Keys = hasKeys ? await ReadAsync(KeyQuery, static row => PlacementOf(row)).ConfigureAwait(false) : [],
                };
            }
        },
        cancellationToken);

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
                _ = Enum.TryParse(notification.Payload, ignoreCase: true, out StoreChange change);
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

    private string NodeQuery => $"""
        SELECT node, is_edge, expires_at, (SELECT count(*) FROM {_sql.Quoted}.demand d WHERE d.node = n.node)::integer, lag
        FROM {_sql.Quoted}.node n ORDER BY node
        """;

    private string LeaseQuery => $"""
        SELECT app_key, environment, holder, epoch, greatest(expires_at, now() - interval '1 year'), slots, (SELECT count(*)
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

    private static ClusterNode NodeOf(NpgsqlDataReader row, DateTimeOffset now) => new(
        row.GetString(0),
        row.GetBoolean(1),
        row.GetFieldValue<DateTimeOffset>(2) - now,
        row.GetInt32(3),
        row.IsDBNull(4) ? null : row.GetTimeSpan(4));

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

    private static ClusterKeyCount CountOf(NpgsqlDataReader row) => new(StateOf(row.GetString(0)), row.GetInt32(1), row.GetInt32(2));

    private static ClusterPlacement PlacementOf(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        StateOf(row.GetString(3)),
        row.IsDBNull(4) ? null : row.GetString(4),
        row.GetInt64(5),
        row.GetInt64(6),
        row.GetInt32(7),
        row.GetString(8),
        row.GetString(9));

    private static ClusterKey KeyOf(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2));

    private static WantedKey WantedOf(NpgsqlDataReader row)
    {
        var state = row.GetString(3) is "no slot" ? DemandState.NoFreeSlot : Enum.Parse<DemandState>(row.GetString(3), ignoreCase: true);
        return state == DemandState.Refused
            ? new WantedKey(KeyOf(row), state, row.GetInt64(4), row.GetString(5), row.GetString(6))
            : new WantedKey(KeyOf(row), state, row.GetInt64(4));
    }

    private static PlacementState StateOf(string name) => Enum.Parse<PlacementState>(name, ignoreCase: true);

    private static string[] Texts(IEnumerable<string> texts) => [.. texts];

    private static string[][] ArraysOf(IEnumerable<ClusterKey> keys) =>
        [Texts(keys.Select(key => key.Environment)), Texts(keys.Select(key => key.TrId)), Texts(keys.Select(key => key.Key))];

    private Task<List<bool>> ExecuteAsync(string text, object[] values, CancellationToken cancellationToken) =>
        QueryAsync(text, values, static _ => true, cancellationToken);

    private Task<List<TRow>> QueryAsync<TRow>(
        string text, object[] values, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        servers.RunAsync((connection, token) => QueryAsync(connection, text, values, read, token), cancellationToken);

    private static async Task<List<TRow>> QueryAsync<TRow>(
        NpgsqlConnection connection, string text, object[] values, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(text, connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command.Parameters, values);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
                return await ReadResultAsync(reader, read, cancellationToken).ConfigureAwait(false);
        }
    }

    // One batch is one transaction: a change, and a query of its consequences.
    private Task<(bool IsDone, List<TRow> Rows)> ChangeAsync<TRow>(
        (string Text, object[] Values) change, (string Text, object[] Values) query, Func<NpgsqlDataReader, TRow> read,
        CancellationToken cancellationToken) =>
        servers.RunAsync(
            async (connection, token) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    foreach (var (text, values) in new[] { change, query })
                    {
                        var command = new NpgsqlBatchCommand(text);
                        Add(command.Parameters, values);
                        batch.BatchCommands.Add(command);
                    }
                    var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        var isDone = await ReadResultAsync(reader, static row => row.GetBoolean(0), token).ConfigureAwait(false);
                        return (isDone[0], await ReadResultAsync(reader, read, token).ConfigureAwait(false));
                    }
                }
            },
            cancellationToken);

    // Goes on to the next result: the transaction is committed when everything has been read.
    private static async Task<List<TRow>> ReadResultAsync<TRow>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var rows = new List<TRow>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    // The parameters are created for each execution, because a collection belongs to one command.
    private static void Add(NpgsqlParameterCollection parameters, object[] values)
    {
        foreach (var value in values)
            parameters.Add(new NpgsqlParameter { Value = value });
    }
}
