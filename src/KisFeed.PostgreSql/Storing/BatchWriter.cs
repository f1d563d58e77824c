using KisFeed.PostgreSql.Rows;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>Stores batches, each in one transaction together with the positions in the capture.</summary>
internal sealed class BatchWriter(
    SchemaSql schema, SchemaUpdater updater, CheckpointTable checkpoints, int maxChunk, Func<SinkStep, Task>? onStep)
{
    /// <summary>Stores a batch.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="skipsDuplicates">Whether rows that exist already are skipped. Otherwise one of them fails the
    /// transaction, which is faster.</param>
    /// <param name="cancellationToken">Cancels the transaction.</param>
    /// <returns>The number of rows that existed already.</returns>
    public async Task<long> WriteAsync(
        NpgsqlConnection connection, StoreBatch batch, bool skipsDuplicates, CancellationToken cancellationToken)
    {
        foreach (var table in batch.Tables)
        {
            if (table.Table is { } records)
                await updater.EnsureAsync(connection, records, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (table, day) in batch.Partitions)
            await updater.EnsurePartitionAsync(connection, table, day, cancellationToken).ConfigureAwait(false);

        var duplicates = 0L;
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await checkpoints.MoveAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await StepAsync(SinkStep.Begun).ConfigureAwait(false);
            foreach (var move in batch.Moves.Where(move => move.IsRestarted || move.From == 0))
                await checkpoints.DiscardPartsAsync(connection, move, cancellationToken).ConfigureAwait(false);
            foreach (var table in batch.Tables)
                duplicates += await CopyAsync(connection, table, skipsDuplicates, cancellationToken).ConfigureAwait(false);
            await WriteKeysAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await StepAsync(SinkStep.Sent).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        await StepAsync(SinkStep.Committed).ConfigureAwait(false);
        return duplicates;
    }

    private async Task<long> CopyAsync(
        NpgsqlConnection connection, TableRows table, bool skipsDuplicates, CancellationToken cancellationToken)
    {
        var target = $"{schema.Quoted}.{SchemaSql.Quote(table.Name)}";
        var columns = table.Table is { } records ? " "
            + $"({string.Join(", ", FeedTable.FixedColumns.Concat(records.Columns.Select(column => column.Name)).Select(SchemaSql.Quote))}"
            + ")" : "";
        if (!skipsDuplicates)
        {
            await CopyAsync(connection, $"{target}{columns}", table.Rows, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        const string Stage = "pg_temp.kisfeed_stage";
        await new SqlStatement($"CREATE TEMP TABLE kisfeed_stage (LIKE {target}) ON COMMIT DROP")
            .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        await CopyAsync(connection, $"{Stage}{columns}", table.Rows, cancellationToken).ConfigureAwait(false);
        var inserted = await new SqlStatement($"INSERT INTO {target} SELECT * FROM {Stage} ON CONFLICT DO NOTHING")
            .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        await new SqlStatement($"DROP TABLE {Stage}").ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        return table.Rows.Count - inserted;
    }

    private async Task CopyAsync(NpgsqlConnection connection, string target, CopyRows rows, CancellationToken cancellationToken)
    {
        var bytes = rows.Bytes;
        var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY {target} FROM STDIN (FORMAT binary)", cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var chunk = bytes.Slice(sent, Math.Min(maxChunk, bytes.Length - sent));
                await copy.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
                sent += chunk.Length;
                await StepAsync(SinkStep.Copying).ConfigureAwait(false);
            }

            await copy.WriteAsync(CopyRows.Trailer, cancellationToken).ConfigureAwait(false);
        }
    }

    // In order, so that two sinks of one schema cannot wait for each other.
    private async Task WriteKeysAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Keys.Count == 0)
            return;
        var keys = batch.Keys.OrderBy(k => k.Key.Table, StringComparer.Ordinal).ThenBy(k => k.Key.Feed, StringComparer.Ordinal)
            .ThenBy(k => k.Key.Key, StringComparer.Ordinal).ThenBy(k => k.Key.Day).ToList();
        var sql = $"""
            INSERT INTO {schema.Quoted}.key_day AS k (record_table, feed, key, trading_day, first_id, last_id, last_record)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::bigint[], $7::smallint[])
            ON CONFLICT (record_table, feed, key, trading_day) DO UPDATE SET
                first_id = least(k.first_id, excluded.first_id),
                last_id = greatest(k.last_id, excluded.last_id),
                last_record = CASE WHEN (excluded.last_id, excluded.last_record) > (k.last_id, k.last_record) THEN excluded.last_record
                    ELSE k.last_record END
            """;
        var statement = new SqlStatement(
            sql,
            SqlStatement.Value(keys.Select(k => k.Key.Table).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Key.Feed).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Key.Key).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Key.Day).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Value.First).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Value.Last).ToArray()),
            SqlStatement.Value(keys.Select(k => k.Value.Record).ToArray()));
        await statement.ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    private Task StepAsync(SinkStep step) => onStep?.Invoke(step) ?? Task.CompletedTask;
}
