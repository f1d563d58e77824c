using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>Reads from the positions of all captures of a schema what is stored.</summary>
internal static class StoredFeedQuery
{
    /// <summary>Returns what is stored, by the name of the capture and the TR ID. Empty if the schema does not exist.</summary>
    public static async Task<IReadOnlyList<PostgreSqlStoredFeed>> ReadAsync(
        NpgsqlConnection connection, SchemaSql schema, CancellationToken cancellationToken)
    {
        var table = $"{schema.Quoted}.checkpoint";
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
        return await query.QueryAsync(connection, FeedOf, cancellationToken).ConfigureAwait(false);
    }

    private static PostgreSqlStoredFeed FeedOf(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1))
    {
        Records = row.GetInt64(2),
        LastId = row.IsDBNull(3) ? null : row.GetInt64(3),
        Files = row.GetInt64(4),
        File = row.GetString(5),
        Position = row.GetInt64(6),
        StoredAt = new DateTimeOffset(row.GetDateTime(7)),
    };
}
