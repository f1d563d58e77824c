using System.Collections.Immutable;
using KisFeed.Wire;
using Npgsql;

namespace KisFeed.PostgreSql.Tables;

/// <summary>Creates and changes the tables of a schema. What exists is remembered, so that asking for it again costs nothing.</summary>
internal sealed class SchemaUpdater(string schema)
{
    private readonly SchemaSql _sql = new(schema);
    private readonly Dictionary<string, Dictionary<string, string>> _tables = new(StringComparer.Ordinal);
    private readonly HashSet<FeedTable> _checked = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(string Table, DateOnly Day)> _partitions = [];

    /// <summary>Brings the schema to the current version, and the tables of a catalog that exist to its columns.</summary>
    /// <exception cref="PostgreSqlSinkException">The schema is of a later version of this library.</exception>
    public async Task UpdateAsync(NpgsqlConnection connection, ImmutableArray<FeedTable> tables, CancellationToken cancellationToken)
    {
        if (await VersionAsync(connection, cancellationToken).ConfigureAwait(false) != _sql.Migrations.Length)
            await MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
        await ReadTablesAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (var table in tables.Where(table => _tables.ContainsKey(table.Name)))
            await EnsureAsync(connection, table, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets what exists, because somebody else may have changed it.</summary>
    public void Forget()
    {
        _tables.Clear();
        _checked.Clear();
        _partitions.Clear();
    }

    /// <summary>Creates a table of records if it does not exist, and the columns that it lacks.</summary>
    /// <exception cref="PostgreSqlSinkException">A column has another type.</exception>
    public async Task EnsureAsync(NpgsqlConnection connection, FeedTable table, CancellationToken cancellationToken)
    {
        if (_checked.Contains(table))
            return;
        var exists = _tables.TryGetValue(table.Name, out var columns);
        columns ??= new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var column in table.Columns)
        {
            if (columns.TryGetValue(column.Name, out var type) && type != column.SqlType)
            {
                throw new PostgreSqlSinkException($"the column {column.Name} of {schema}.{table.Name} has the type {type}, "
                    + $"not {column.SqlType}: change its type, or rename it and a new one will be created");
            }
        }

        var missing = table.Columns.Where(column => !columns.ContainsKey(column.Name)).ToList();
        if (!exists)
        {
            await new SqlStatement($"SELECT {_sql.Quoted}.create_record_table($1, $2)", Text(table.Name), Text(table.Comment))
                .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        if (missing.Count > 0)
        {
            var add = new SqlStatement(
                $"SELECT {_sql.Quoted}.add_columns($1, $2, $3, $4)", Text(table.Name), Texts(missing.Select(c => c.Name)),
                Texts(missing.Select(c => c.SqlType)), Texts(missing.Select(c => c.Comment)));
            await add.ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        if (!exists || missing.Count > 0)
        {
            // Bars need a price, a volume and the time.
            var price = table.Columns.Any(column => column.IsExchangeTime) ? table.Roles.GetValueOrDefault(ColumnRole.Price) : null;
            await new SqlStatement(
                $"SELECT {_sql.Quoted}.create_views($1, $2, $3, $4)", Text(table.Name), Text(price),
                Text(table.Roles.GetValueOrDefault(ColumnRole.TradeVolume)), Text(table.Roles.GetValueOrDefault(ColumnRole.TradeTurnover)))
                .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        _tables[table.Name] = table.Columns.ToDictionary(column => column.Name, column => column.SqlType, StringComparer.Ordinal);
        _checked.Add(table);
    }

    /// <summary>Creates the partition of a day if it does not exist.</summary>
    public async Task EnsurePartitionAsync(NpgsqlConnection connection, string table, DateOnly day, CancellationToken cancellationToken)
    {
        if (_partitions.Contains((table, day)))
            return;
        await new SqlStatement($"SELECT {_sql.Quoted}.create_partition($1, $2)", Text(table), SqlStatement.Value(day))
            .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
        _partitions.Add((table, day));
    }

    /// <summary>Drops the partitions of all days before one, and returns their number. Only the owner of the schema may do this.</summary>
    public async Task<int> DropBeforeAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        var dropped = await new SqlStatement($"SELECT {_sql.Quoted}.drop_partitions($1)", SqlStatement.Value(day))
            .QueryAsync(connection, static row => row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        _partitions.RemoveWhere(partition => partition.Day < day);
        return dropped[0];
    }

    // 0 if the schema does not exist, or holds nothing of this library.
    private async Task<int> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var exists = await new SqlStatement("SELECT to_regclass($1) IS NOT NULL", Text($"{_sql.Quoted}.schema_version"))
            .QueryAsync(connection, static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        if (!exists[0])
            return 0;
        var versions = await new SqlStatement($"SELECT coalesce(max(version), 0) FROM {_sql.Quoted}.schema_version")
            .QueryAsync(connection, static row => row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        var version = versions[0];
        return version <= _sql.Migrations.Length
            ? version
            : throw new PostgreSqlSinkException($"the schema {schema} has version {version}, and this KisFeed knows versions up to "
                + $"{_sql.Migrations.Length}: use the version of KisFeed that changed it, or a later one");
    }

    private async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await new SqlStatement($"SELECT pg_advisory_xact_lock({_sql.Lock})")
                .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
            var schemas = await new SqlStatement("SELECT nspname::text FROM pg_namespace WHERE nspname = $1", Text(schema))
                .QueryAsync(connection, static row => row.GetString(0), cancellationToken).ConfigureAwait(false);
            if (schemas.Count == 0)
                await new SqlStatement($"CREATE SCHEMA {_sql.Quoted}").ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);

            // Another process may have done it before this one got the lock.
            var version = await VersionAsync(connection, cancellationToken).ConfigureAwait(false);
            if (version == 0)
            {
                await new SqlStatement($"CREATE TABLE IF NOT EXISTS {_sql.Quoted}.schema_version (version integer PRIMARY KEY, applied_at "
                    + "timestamptz NOT NULL DEFAULT now())").ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
            }
            for (; version < _sql.Migrations.Length; version++)
            {
                await new SqlStatement(_sql.Migrations[version]).ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
                await new SqlStatement($"INSERT INTO {_sql.Quoted}.schema_version (version) VALUES ($1)", SqlStatement.Value(version + 1))
                    .ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Query = """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                AND NOT a.attisdropped
            WHERE n.nspname = $1 AND c.relkind = 'p'
            """;
        Forget();
        foreach (var (table, column, type) in await new SqlStatement(Query, Text(schema)).QueryAsync(
            connection, static row => (row.GetString(0), row.GetString(1), row.GetString(2)), cancellationToken).ConfigureAwait(false))
        {
            if (!_tables.TryGetValue(table, out var columns))
                _tables.Add(table, columns = new Dictionary<string, string>(StringComparer.Ordinal));
            columns.Add(column, type);
        }
    }

    private static NpgsqlParameter<string?> Text(string? text) => SqlStatement.Text(text);

    private static NpgsqlParameter<string[]> Texts(IEnumerable<string> texts) => SqlStatement.Value(texts.ToArray());
}
