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
        var options = Validate(connectionString, schema);
        var updater = new SchemaUpdater(schema);
        await ConnectAsync(
            options,
            connection => updater.UpdateAsync(connection, FeedTable.AllOf(KisFeeds.Catalog), cancellationToken),
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
    public static async Task<IReadOnlyList<PostgreSqlStoredFeed>> ReadStoredAsync(
        string connectionString, string schema = PostgreSqlSinkOptions.DefaultSchema, CancellationToken cancellationToken = default)
    {
        var options = Validate(connectionString, schema);
        IReadOnlyList<PostgreSqlStoredFeed> stored = [];
        await ConnectAsync(
            options,
            async connection => stored = await StoredFeedQuery.ReadAsync(
                connection, new SchemaSql(schema), cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return stored;
    }

    private static PostgreSqlSinkOptions Validate(string connectionString, string schema)
    {
        var options = new PostgreSqlSinkOptions { ConnectionString = connectionString, Directory = ".", Schema = schema };
        options.Validate();
        return options;
    }

    private static async Task ConnectAsync(
        PostgreSqlSinkOptions options, Func<NpgsqlConnection, Task> work, CancellationToken cancellationToken)
    {
        var database = new SinkDatabase(options.ConnectionString);
        await using (database.ConfigureAwait(false))
        {
            try
            {
                var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                    await work(connection).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                var advice = SinkFailure.AdviceOn(e, options);
                throw new PostgreSqlSinkException(advice is null ? SinkFailure.TextOf(e) : $"{SinkFailure.TextOf(e)}: {advice}", e);
            }
        }
    }
}
