using KisFeed.Capture.Files;
using KisFeed.PostgreSql.Rows;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>
/// The positions of a capture in the database. A sink moves a position only from where it left it, so that two of
/// them cannot both store the same data.
/// </summary>
internal sealed class CheckpointTable(SchemaSql schema, string capture)
{
    private readonly string _table = $"{schema.Quoted}.checkpoint";

    /// <summary>
    /// Takes the capture for this connection; <see langword="false"/> if another one has it. The connection keeps it until it ends.
    /// </summary>
    public async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var isLocked =
            await new SqlStatement("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", Text($"kisfeed sink {schema.Quoted} {capture}"))
            .QueryAsync(connection, static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        return isLocked[0];
    }

    /// <summary>Reads all positions.</summary>
    public Task<List<Checkpoint>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var query = new SqlStatement(
            $"SELECT feed, file, position, first_at, last_id, rows, is_closed, batch FROM {_table} WHERE capture = $1", Text(capture));
        return query.QueryAsync(connection, CheckpointOf, cancellationToken);
    }

    /// <summary>Moves the positions of a batch, and locks them until the end of the transaction.</summary>
    /// <exception cref="PostgreSqlSinkException">A position is not where this sink left it.</exception>
    public async Task MoveAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        var commands = new NpgsqlBatch(connection);
        await using (commands.ConfigureAwait(false))
        {
            foreach (var move in batch.Moves.OrderBy(move => move.File, StringComparer.Ordinal))
                commands.BatchCommands.Add(StatementOf(move, batch.Id).ToBatchCommand());
            await commands.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            foreach (var command in (IEnumerable<NpgsqlBatchCommand>)commands.BatchCommands)
            {
                if (command.RecordsAffected != 1)
                    throw Conflict();
            }
        }
    }

    /// <summary>
    /// Discards the stored content of a file that is read from its beginning: of another file of this name, or
    /// stored before its position was lost.
    /// </summary>
    public Task DiscardPartsAsync(NpgsqlConnection connection, FileMove move, CancellationToken cancellationToken) =>
        new SqlStatement($"SELECT {schema.Quoted}.discard_parts($1, $2)", Text(capture), Text(move.File))
            .ExecuteAsync(connection, cancellationToken);

    /// <summary>Returns whether a transaction whose outcome is not known was committed.</summary>
    /// <exception cref="PostgreSqlSinkException">A position is neither where the transaction found it nor where
    /// it would have left it.</exception>
    public bool IsCommitted(StoreBatch batch, IReadOnlyCollection<Checkpoint> checkpoints)
    {
        var stored = checkpoints.ToDictionary(checkpoint => checkpoint.File, StringComparer.Ordinal);
        if (batch.Moves.All(move => stored.TryGetValue(move.File, out var checkpoint) && checkpoint.Batch == batch.Id))
            return true;
        return batch.Moves.All(move => (stored.TryGetValue(move.File, out var checkpoint) ? checkpoint.Position : 0) == move.From)
            ? false
            : throw Conflict();
    }

    /// <summary>Removes the positions of files of earlier days, whose data is dropped.</summary>
    // File names begin with the day.
    public Task DeleteBeforeAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken) =>
        new SqlStatement(
            $"DELETE FROM {_table} WHERE capture = $1 AND file < $2",
            Text(capture),
            Text(CaptureDays.NameOf(day)))
            .ExecuteAsync(connection, cancellationToken);

    /// <summary>The error of a sink that is not the only one.</summary>
    public PostgreSqlSinkException Conflict() =>
        new($"another sink stores the capture '{capture}' in the schema {schema.Quoted}: end one of them, or, if they store different "
            + $"captures, give each its own {nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Capture)}");

    private SqlStatement StatementOf(FileMove move, Guid batch)
    {
        const string Columns = "capture, feed, file, position, first_at, last_id, rows, is_closed, batch, updated_at";
        var rows = move.IsRestarted ? "$7" : "c.rows + $7";
        var text = move.From == 0
            ? $"INSERT INTO {_table} AS c ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) "
                + "ON CONFLICT (capture, file) DO UPDATE SET position = $4, first_at = $5, last_id = greatest(c.last_id, $6), "
                + $"rows = {rows}, is_closed = $8, batch = $9, updated_at = now() WHERE c.position = $10"
            : $"UPDATE {_table} AS c SET feed = $2, position = $4, first_at = $5, last_id = greatest(c.last_id, $6), rows = {rows}, "
                + "is_closed = $8, batch = $9, updated_at = now() WHERE capture = $1 AND file = $3 AND c.position = $10";
        return new SqlStatement(
            text,
            Text(capture),
            Text(move.Feed),
            Text(move.File),
            SqlStatement.Value(move.To),
            SqlStatement.Time(move.FirstAt),
            SqlStatement.Number(move.LastId),
            SqlStatement.Value((long)move.Records),
            SqlStatement.Value(move.IsClosed),
            SqlStatement.Value(batch),
            SqlStatement.Value(move.From));
    }

    private static Checkpoint CheckpointOf(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(5))
        {
            FirstAt = row.GetFieldValue<DateTimeOffset?>(3),
            LastId = row.GetFieldValue<long?>(4),
            IsClosed = row.GetBoolean(6),
            Batch = row.GetGuid(7),
        };

    private static NpgsqlParameter<string?> Text(string text) => SqlStatement.Text(text);
}

/// <summary>How far a file has been stored.</summary>
internal sealed record Checkpoint(string Feed, string File, long Position, long Rows)
{
    public DateTimeOffset? FirstAt { get; init; }

    public long? LastId { get; init; }

    public bool IsClosed { get; init; }

    public Guid Batch { get; init; }
}
