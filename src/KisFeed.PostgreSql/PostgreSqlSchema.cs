using KisFeed.Feeds;
using KisFeed.PostgreSql.Storing;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql;

/// <summary>
/// Creates and updates the schema of a <see cref="PostgreSqlSink"/>, for databases in which the role that stores may
/// not do so, and reads what is stored.
/// </summary>
public static class PostgreSqlSchema
{
    /// <summary>
    /// Creates the schema, or brings it to this version of the library. Tables of records and partitions are created by the sink when they
    /// are needed, with the rights of the role that called this method, the schema's owner.
    /// </summary>
    /// <param name="connectionString">The database, with the role that is to own the schema.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellationToken">Cancels the update; nothing is changed.</param>
    /// <exception cref="PostgreSqlSinkException">The schema cannot be changed. The message says why and what to do.</exception>
    /// <exception cref="ArgumentException">The connection string or the name is not valid.</exception>
    public static async Task UpdateAsync(
        string connectionString, string schema = PostgreSqlSinkOptions.DefaultSchema, CancellationToken cancellationToken = default)
    {
        var updater = new SchemaUpdater(schema);
        await ConnectAsync(
            connectionString,
            schema,
            async connection =>
            {
                await updater.UpdateAsync(connection, FeedTable.AllOf(KisFeeds.Catalog), cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns what the sinks of a schema have stored, by the name of the capture and the TR ID. Empty if the schema does not exist.
    /// </summary>
    /// <param name="connectionString">The database, with a role that may read the schema.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="PostgreSqlSinkException">The schema cannot be read. The message says why and what to do.</exception>
    /// <exception cref="ArgumentException">The connection string or the name is not valid.</exception>
    public static Task<IReadOnlyList<PostgreSqlStoredFeed>> ReadStoredAsync(
        string connectionString, string schema = PostgreSqlSinkOptions.DefaultSchema, CancellationToken cancellationToken = default) =>
        ConnectAsync(
            connectionString,
            schema,
            connection => ReadStoredAsync(connection, $"{SchemaSql.Quote(schema)}.checkpoint", cancellationToken),
            cancellationToken);

    private static async Task<IReadOnlyList<PostgreSqlStoredFeed>> ReadStoredAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        var exists = await new SqlStatement("SELECT to_regclass($1) IS NOT NULL", SqlStatement.Text(table))
            .QueryAsync(connection, static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        if (!exists[0])
            return [];

        // The names of files begin with their day, and their numbers have the same length.
        var query = new SqlStatement($"""
            SELECT capture, feed, sum(rows)::bigint, max(last_id), count(*), (array_agg(file ORDER BY file COLLATE "C" DESC))[1],
                (array_agg(position ORDER BY file COLLATE "C" DESC))[1], max(updated_at)
            FROM {table} GROUP BY capture, feed ORDER BY capture COLLATE "C", feed COLLATE "C"
            """);
        return await query.QueryAsync(
            connection,
            static row => new PostgreSqlStoredFeed(row.GetString(0), row.GetString(1))
            {
                Records = row.GetInt64(2),
                LastId = row.GetFieldValue<long?>(3),
                Files = row.GetInt64(4),
                File = row.GetString(5),
                Position = row.GetInt64(6),
                StoredAt = row.GetFieldValue<DateTimeOffset>(7),
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<TResult> ConnectAsync<TResult>(
        string connectionString, string schema, Func<NpgsqlConnection, Task<TResult>> work, CancellationToken cancellationToken)
    {
        var options = new PostgreSqlSinkOptions { ConnectionString = connectionString, Directory = ".", Schema = schema };
        options.Validate();
        var database = new SinkDatabase(options.ConnectionString);
        await using (database.ConfigureAwait(false))
        {
            try
            {
                var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                    return await work(connection).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                var advice = SinkFailure.AdviceOn(e, options);
                throw new PostgreSqlSinkException(advice is null ? SinkFailure.TextOf(e) : $"{SinkFailure.TextOf(e)}: {advice}", e);
            }
        }
    }
}
