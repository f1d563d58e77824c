using Npgsql;

namespace KisFeed.Coordination.Postgres;

/// <summary>Creates the schema of a cluster, or brings it to the current version.</summary>
internal static class ClusterSchemaUpdater
{
    /// <summary>Updates the schema if it is of an earlier version.</summary>
    /// <exception cref="CoordinationException">The schema is of a later version of this library.</exception>
    public static async Task UpdateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var sql = new ClusterSql(schema);
        if (await VersionAsync(connection, schema, sql, cancellationToken).ConfigureAwait(false) == sql.Migrations.Length)
            return;
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({sql.Lock})", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {sql.Quoted}", cancellationToken).ConfigureAwait(false);

            // Another process may have done it before this one got the lock.
            var version = await VersionAsync(connection, schema, sql, cancellationToken).ConfigureAwait(false);
            if (version == 0)
            {
                await ExecuteAsync(connection, $"CREATE TABLE IF NOT EXISTS {sql.Quoted}.schema_version (version integer PRIMARY KEY, "
                    + "applied_at timestamptz NOT NULL DEFAULT now())", cancellationToken).ConfigureAwait(false);
            }
            for (; version < sql.Migrations.Length; version++)
            {
                await ExecuteAsync(connection, sql.Migrations[version], cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(
                    connection,
                    $"INSERT INTO {sql.Quoted}.schema_version (version) VALUES ({version + 1})",
                    cancellationToken).ConfigureAwait(false);
            }

            await ExecuteAsync(connection, sql.Functions, cancellationToken).ConfigureAwait(false);

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // 0 if the schema does not exist, or holds nothing of this library.
    private static async Task<int> VersionAsync(
        NpgsqlConnection connection, string schema, ClusterSql sql, CancellationToken cancellationToken)
    {
        var exists = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = $"{sql.Quoted}.schema_version" } },
        };
        await using (exists.ConfigureAwait(false))
        {
            if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
                return 0;
        }

        var query = new NpgsqlCommand($"SELECT coalesce(max(version), 0) FROM {sql.Quoted}.schema_version", connection);
        await using (query.ConfigureAwait(false))
        {
            var version = (int)(await query.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            return version <= sql.Migrations.Length
                ? version
                : throw new CoordinationException($"the schema {schema} has version {version}, and this KisFeed knows versions up to "
                    + $"{sql.Migrations.Length}: use the version of KisFeed that changed it, or a later one");
        }
    }

    /// <summary>Executes statements.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(text, connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
