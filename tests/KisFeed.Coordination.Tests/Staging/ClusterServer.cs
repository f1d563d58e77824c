using KisFeed.TestSupport;
using Npgsql;

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>One PostgreSQL server for all tests of the collection with its name, because its start takes seconds.</summary>
[CollectionDefinition(nameof(ClusterServer))]
public sealed class ClusterServer : ICollectionFixture<ClusterServer>, IAsyncLifetime
{
    private PostgresServer? _server;
    private NpgsqlDataSource? _owner;
    private int _schemas;

    internal PostgresServer Server => _server!;

    public string ConnectionString => ConnectionStringFor(PostgresServer.Name);

    public string ConnectionStringFor(string user) => $"Host={_server!.Host};Database={PostgresServer.Name};Username={user}";

    /// <summary>Creates a schema of its own for a test.</summary>
    internal async Task<(ClusterDatabase Database, string Schema)> CreateAsync()
    {
        var schema = $"cluster_{Interlocked.Increment(ref _schemas)}";
        var database = new ClusterDatabase(ConnectionString, schema);
        await database.UpdateSchemaAsync();
        return (database, schema);
    }

    /// <summary>Runs statements as the owner of the database.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = _owner!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _owner = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (_owner is not null)
            await _owner.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
