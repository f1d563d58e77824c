using System.Runtime.CompilerServices;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.PostgreSql.Storing;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql;

/// <summary>
/// Reads the files of a capture that a <see cref="PostgreSqlSink"/> has stored, byte for byte. Uses at most four connections, each only
/// while it reads a page of some parts, so a slow reader holds none. Thread-safe.
/// </summary>
public sealed class PostgreSqlArchive : ICaptureArchive, IAsyncDisposable
{
    private const int MaxConnections = 4;
    private const int PartsPerPage = 4;

    private readonly SinkDatabase _database;
    private readonly SchemaSql _schema;
    private readonly string _capture;

    /// <summary>Creates an archive without connecting.</summary>
    /// <param name="options">The options of the sink: the database, the schema and the name of the capture.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public PostgreSqlArchive(PostgreSqlSinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _database = new SinkDatabase(options.ConnectionString, MaxConnections);
        _schema = new SchemaSql(options.Schema);
        _capture = options.Capture;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedFile>> FindAsync(
        IReadOnlyCollection<string> trIds, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        // The names of files begin with the day.
        return QueryAsync(Query, FileOf, cancellationToken);

        SqlStatement Query() => new(
            $"""
            SELECT feed, file, position, first_at, EXISTS (SELECT FROM {_schema.Quoted}.gap g WHERE g.trading_day = left(c.file, 10)::date
                AND g.file = c.file AND g.event = 'removed')
            FROM {_schema.Quoted}.checkpoint c
            WHERE capture = $1 AND feed = ANY($2) AND left(file, 10) COLLATE "C" BETWEEN $3 AND $4 ORDER BY file COLLATE "C"
            """,
            SqlStatement.Text(_capture),
            SqlStatement.Value(trIds.ToArray()),
            SqlStatement.Text(CaptureDays.NameOf(first)),
            SqlStatement.Text(CaptureDays.NameOf(last)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArchivedPart> ReadAsync(
        ArchivedFile file, DateTimeOffset? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        var table = $"{_schema.Quoted}.capture_part WHERE trading_day = $1 AND capture = $2 AND file = $3";
        var position = 0L;
        if (from is { } at)
        {
            // The last part that begins before the time may have later lines too.
            var found = await QueryAsync(
                () => Of($"SELECT coalesce(max(position), 0) FROM {table} AND first_id < $4", at.UtcTicks - DateTime.UnixEpoch.Ticks),
                static row => row.GetInt64(0),
                cancellationToken).ConfigureAwait(false);
            position = found.Count > 0 ? found[0] : 0;
        }

        for (var hasMore = true; hasMore;)
        {
            var begin = position;
            var parts = await QueryAsync(
                () => Of($"SELECT position, bytes FROM {table} AND position >= $4 ORDER BY position LIMIT {PartsPerPage}", begin),
                PartOf,
                cancellationToken).ConfigureAwait(false);
            foreach (var part in parts)
                yield return part;
            hasMore = parts.Count == PartsPerPage;
            position = hasMore ? parts[^1].Position + 1 : position;
        }

        SqlStatement Of(string text, long number) => new(
            text, SqlStatement.Value(CaptureDays.OfFile(file.Name)), SqlStatement.Text(_capture), SqlStatement.Text(file.Name),
            SqlStatement.Value(number));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DateOnly>> DaysAsync(CancellationToken cancellationToken) => QueryAsync(
        () => new SqlStatement(
            $"""
            SELECT day FROM (SELECT DISTINCT left(file, 10)::date AS day FROM {_schema.Quoted}.checkpoint
                WHERE capture = $1 AND rows > 0) stored
            WHERE EXISTS (SELECT FROM {_schema.Quoted}.capture_part p WHERE p.trading_day = day AND p.capture = $1) ORDER BY 1
            """,
            SqlStatement.Text(_capture)),
        static row => row.GetFieldValue<DateOnly>(0),
        cancellationToken);

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static ArchivedFile FileOf(NpgsqlDataReader row) => new(row.GetString(1), row.GetString(0), row.GetInt64(2))
    {
        FirstAt = row.GetFieldValue<DateTimeOffset?>(3),
        IsTruncated = row.GetBoolean(4),
    };

    private static ArchivedPart PartOf(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetFieldValue<byte[]>(1));

    // Empty if the sink has not created the schema, or not brought it to this version, yet.
    private async Task<IReadOnlyList<TRow>> QueryAsync<TRow>(
        Func<SqlStatement> query, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                    return await query().QueryAsync(connection, read, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
            {
                return [];
            }
            catch (NpgsqlException) when (attempt == 1)
            {
                // The server may have been restarted since the pool opened its connections.
                _database.ClearPool();
            }
            catch (Exception e) when (SinkFailure.IsExpected(e))
            {
                throw new CaptureArchiveException(SinkFailure.SummaryOf(e), e);
            }
        }
    }
}
