namespace KisFeed.Cli.Tests.Loading;

/// <summary>One server for all tests of the collection with its name, because its start takes seconds.</summary>
[CollectionDefinition(nameof(Postgres))]
public sealed class Postgres : ICollectionFixture<Postgres>, IAsyncLifetime
{
    private PostgresServer? _server;

    /// <summary>The address of the database for the role that owns it, as a URI.</summary>
    public string Address => AddressFor(PostgresServer.Name);

    internal PostgresServer Server => _server!;

    /// <summary>The address of the database for a role, as a URI.</summary>
    public string AddressFor(string user) => $"postgres://{user}@/{PostgresServer.Name}?host={_server!.Host}";

    public Task<string[]> QueryAsync(string sql) => _server!.QueryAsync(sql);

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
