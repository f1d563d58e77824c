using KisFeed.Testing;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>One server for all tests of the collection with its name, because its start takes seconds.</summary>
[CollectionDefinition(nameof(Postgres))]
public sealed class Postgres : ICollectionFixture<Postgres>, IAsyncLifetime
{
    private PostgresServer? _server;

    public Task<string[]> QueryAsync(string sql) => _server!.QueryAsync(sql);

    public async Task InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
