using System.Collections.Immutable;
using KisFeed.Coordination.Storing;
using Npgsql;
using NpgsqlTypes;

namespace KisFeed.Coordination.Postgres;

/// <summary>The rows of a cluster in PostgreSQL. Each operation is one round trip and one transaction.</summary>
/// <param name="source">Opens connections; disposed by the caller.</param>
/// <param name="schema">The schema.</param>
internal sealed partial class PostgreSqlStore(NpgsqlDataSource source, string schema) : ICoordinationStore, IDisposable
{
    private readonly ClusterSql _sql = new(schema);
    private readonly SemaphoreSlim _listening = new(1);
    private readonly List<Action> _listeners = [];

    /// <summary>Call it when nobody listens any more.</summary>
    public void Dispose() => _listening.Dispose();

    public async Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT is_held, held_epoch, remaining FROM {_sql.Quoted}.request_lease($1, $2, $3, $4, $5, $6)");
        await using (command.ConfigureAwait(false))
        {
            Add(command.Parameters, request.AppKey, request.Environment, request.Holder, request.Epoch, request.Ttl, request.Attempts);
            return await ReadOneAsync(command, static row => new LeaseAnswer(row.GetBoolean(0), row.GetInt64(1), row.GetTimeSpan(2)), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT {_sql.Quoted}.release_lease($1, $2, $3)");
        await using (command.ConfigureAwait(false))
        {
            Add(command.Parameters, appKey, holder, epoch);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT is_held, is_granted, retry_after FROM {_sql.Quoted}.record_attempt($1, $2, $3, $4, $5)");
        await using (command.ConfigureAwait(false))
        {
            Add(command.Parameters, request.AppKey, request.Holder, request.Epoch, request.Limit.PerMinute, request.Limit.PerHour);
            return await ReadOneAsync(command, static row => new AttemptAnswer(row.GetBoolean(0), row.GetBoolean(1), row.GetTimeSpan(2)), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken)
    {
        var (reports, rules) = (request.Reports, request.Rules);
        var sync = new NpgsqlBatchCommand($"SELECT {_sql.Quoted}.sync_ingest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");
        Add(sync.Parameters, request.AppKey, request.Holder, request.Epoch, request.Places);
        AddKeys(sync.Parameters, [.. reports.Select(report => report.Key)]);
        sync.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. reports.Select(report => report.KeyEpoch)] });
        Add(sync.Parameters, Texts(reports.Select(report => NameOf(report.Kind))), Texts(reports.Select(report => report.Code)), Texts(reports.Select(report => report.Text)));
        Add(sync.Parameters, rules.ReleaseGrace, rules.MinimumHold, rules.TakeoverDelay, rules.FairDelay, rules.RefusalMemory, rules.RetryDelay, rules.NewRegistrations.PerMinute, rules.NewRegistrations.PerHour);
        var held = new NpgsqlBatchCommand($"SELECT environment, tr_id, key, key_epoch, state FROM {_sql.Quoted}.held_keys($1, $2, $3)");
        Add(held.Parameters, request.AppKey, request.Holder, request.Epoch);
        var (isHeld, keys) = await ExecuteAsync(sync, held, static row => new HeldKey(KeyOf(row), row.GetInt64(3), StateOf(row.GetString(4))), cancellationToken).ConfigureAwait(false);
        return new IngestAnswer(isHeld, isHeld ? keys : []);
    }

    public async Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken)
    {
        var sync = new NpgsqlBatchCommand($"SELECT {_sql.Quoted}.sync_edge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        Add(sync.Parameters, request.Node, request.Sequence, request.IsFull);
        AddKeys(sync.Parameters, request.Added);
        AddKeys(sync.Parameters, request.Removed);
        Add(sync.Parameters, request.Ttl);
        var wanted = new NpgsqlBatchCommand($"SELECT environment, tr_id, key, state, key_epoch, code, text FROM {_sql.Quoted}.wanted_keys($1, $2)");
        Add(wanted.Parameters, request.Node, request.TakeoverDelay);
        var (isKnown, keys) = await ExecuteAsync(sync, wanted, static row => WantedOf(row), cancellationToken).ConfigureAwait(false);
        return new EdgeAnswer(isKnown, isKnown ? keys : []);
    }

    public async Task RemoveEdgeAsync(string node, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT {_sql.Quoted}.remove_edge($1)");
        await using (command.ConfigureAwait(false))
        {
            Add(command.Parameters, node);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task ListenAsync(Action changed, CancellationToken cancellationToken)
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
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, _) =>
            {
                Action[] listeners;
                lock (_listeners)
                    listeners = [.. _listeners];
                foreach (var changed in listeners)
                    changed();
            };
            var command = new NpgsqlCommand($"LISTEN {_sql.Quoted}", connection);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            while (true)
                await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // One batch is one transaction.
    private async Task<(bool IsDone, ImmutableArray<TRow> Rows)> ExecuteAsync<TRow>(NpgsqlBatchCommand sync, NpgsqlBatchCommand query, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var batch = source.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(sync);
            batch.BatchCommands.Add(query);
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var isDone = reader.GetBoolean(0);
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                var rows = ImmutableArray.CreateBuilder<TRow>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));

                // The transaction is committed when everything has been read.
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                return (isDone, rows.DrainToImmutable());
            }
        }
    }

    private static async Task<TRow> ReadOneAsync<TRow>(NpgsqlCommand command, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var row = read(reader);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            return row;
        }
    }

    private NpgsqlCommand Command(string text) => source.CreateCommand(text);

    private static void AddKeys(NpgsqlParameterCollection parameters, ImmutableArray<ClusterKey> keys) =>
        Add(parameters, Texts(keys.Select(key => key.Environment)), Texts(keys.Select(key => key.TrId)), Texts(keys.Select(key => key.Key)));

    private static void Add(NpgsqlParameterCollection parameters, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            parameters.Add(value switch
            {
                string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
                string[] texts => new NpgsqlParameter<string[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
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
        return state == DemandState.Refused ? new WantedKey(KeyOf(row), state, row.GetInt64(4), row.GetString(5), row.GetString(6)) : new WantedKey(KeyOf(row), state, row.GetInt64(4));
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
}
