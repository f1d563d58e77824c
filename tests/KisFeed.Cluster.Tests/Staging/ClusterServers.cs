using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>A PostgreSQL server and a RabbitMQ node for all tests, which use schemas and streams of their own.</summary>
public sealed class ClusterServers : IAsyncLifetime
{
    private PostgresServer? _postgres;
    private RabbitNode? _rabbit;

    internal PostgresServer Postgres => _postgres!;

    internal RabbitNode Rabbit => _rabbit!;

    public async ValueTask InitializeAsync()
    {
        var postgres = PostgresServer.StartAsync("max_connections=300");
        _rabbit = await RabbitNode.StartAsync();
        _postgres = await postgres;
    }

    public async ValueTask DisposeAsync()
    {
        if (_rabbit is not null)
            await _rabbit.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}

/// <summary>The classes whose tests share the servers. They run one after the other, because each uses all processors.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterServers>
{
    public const string Name = "cluster";
}
