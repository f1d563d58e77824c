using Npgsql;
using NpgsqlTypes;

namespace KisFeed.PostgreSql.Tables;

/// <summary>A statement and its parameters, <c>$1</c> and so on.</summary>
internal readonly struct SqlStatement(string text, params NpgsqlParameter[] parameters)
{
    public static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter<long?> Number(long? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter<DateTime?> Time(DateTimeOffset? value) =>
        new() { TypedValue = value?.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static NpgsqlParameter<TValue> Value<TValue>(TValue value) => new() { TypedValue = value };

    /// <summary>Runs the statement and returns the number of rows that it changed.</summary>
    public async Task<int> ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = CommandFor(connection);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a query.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<List<TRow>> QueryAsync<TRow>(
        NpgsqlConnection connection, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        var rows = new List<TRow>();
        var command = CommandFor(connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));
            }
        }

        return rows;
    }

    public NpgsqlBatchCommand ToBatchCommand()
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private NpgsqlCommand CommandFor(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
