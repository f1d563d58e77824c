using KisFeed.TestSupport;
using Npgsql;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>
/// One server for all tests of the collection with its name, because its start takes seconds; tests that stop it have one of their own.
/// </summary>
[CollectionDefinition(nameof(Database))]
public sealed class Database : ICollectionFixture<Database>, IAsyncLifetime
{
    private PostgresServer? _server;

    internal PostgresServer Server => _server!;

    public string ConnectionString => ConnectionStringFor(PostgresServer.Name);

    public string ConnectionStringFor(string user) => $"Host={_server!.Host};Database={PostgresServer.Name};Username={user}";

    /// <summary>Runs statements as the owner of the database; returns the rows of the last query, NULL as an empty text.</summary>
    public Task<string[]> QueryAsync(string sql) => QueryAsync(ConnectionString, sql);

    public static async Task<string[]> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(
                i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        }
        return [.. rows];
    }

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
