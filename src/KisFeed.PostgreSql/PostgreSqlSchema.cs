using KisFeed.Feeds;
using KisFeed.PostgreSql.Storing;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql;

/// <summary>Creates and updates the schema of a <see cref="PostgreSqlSink"/>, for databases in which the role that stores may not do so.</summary>
public static class PostgreSqlSchema
{
    /// <summary>
    /// Creates the schema, or brings it to this version of the library. Tables of records and partitions are created by the sink when they are needed, with the
    /// rights of the role that called this method, the schema's owner.
    /// </summary>
    /// <param name="connectionString">The database, with the role that is to own the schema.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellationToken">Cancels the update; nothing is changed.</param>
    /// <exception cref="PostgreSqlSinkException">The schema cannot be changed. The message says why and what to do.</exception>
    /// <exception cref="ArgumentException">The connection string or the name is not valid.</exception>
    public static async Task UpdateAsync(string connectionString, string schema = PostgreSqlSinkOptions.DefaultSchema, CancellationToken cancellationToken = default)
    {
        var options = new PostgreSqlSinkOptions { ConnectionString = connectionString, Directory = ".", Schema = schema };
        options.Validate();
        var database = new SinkDatabase(connectionString);
        await using (database.ConfigureAwait(false))
        {
            try
            {
                var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                    await new SchemaUpdater(schema).UpdateAsync(connection, FeedTable.AllOf(KisFeeds.Catalog), cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                var advice = SinkFailure.AdviceOn(e, options);
                throw new PostgreSqlSinkException(advice is null ? SinkFailure.TextOf(e) : $"{SinkFailure.TextOf(e)}: {advice}", e);
            }
        }
    }
}
