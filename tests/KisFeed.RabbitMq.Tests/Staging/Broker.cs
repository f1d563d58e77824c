using System.Globalization;
using KisFeed.RabbitMq.Format;
using KisFeed.TestSupport;
using RabbitMQ.Client;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>One node for all tests of the collection with its name, because its start takes seconds.</summary>
[CollectionDefinition(nameof(Broker))]
public sealed class Broker : ICollectionFixture<Broker>, IAsyncLifetime
{
    private static int s_prefixes;
    private RabbitNode? _node;

    internal RabbitNode Node => _node!;

    /// <summary>Options for streams that no other test uses.</summary>
    internal RabbitMqClusterOptions NewCluster(RecordingLoggerFactory? log = null) => Cluster([Node.Address], log);

    internal static RabbitMqClusterOptions Cluster(IReadOnlyList<Uri> nodes, RecordingLoggerFactory? log = null) => new()
    {
        Nodes = nodes,
        Prefix = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref s_prefixes)}"),
        Partitions = 3,
        RetryInterval = TimeSpan.FromMilliseconds(20),
        MaxRetryInterval = TimeSpan.FromMilliseconds(200),
        LoggerFactory = log,
    };

    /// <summary>Publishes messages to the stream of a key, which is created.</summary>
    internal static async Task PublishAsync(RabbitMqClusterOptions cluster, string trId, string key, params byte[][] messages)
    {
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var stream = partitions.Names[partitions.Of(trId, key)];
        await using var connection = await new ConnectionFactory { Uri = cluster.Nodes[0] }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(
            stream, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "stream" });
        foreach (var message in messages)
            await channel.BasicPublishAsync("", stream, mandatory: true, message);
    }

    /// <summary>Publishes a message to a stream that exists, over any node.</summary>
    internal static async Task PublishAsync(RabbitMqClusterOptions cluster, string stream, byte[] message)
    {
        var endpoints = cluster.Nodes.Select(node => new AmqpTcpEndpoint(node)).ToList();
        await using var connection = await new ConnectionFactory().CreateConnectionAsync(endpoints);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync("", stream, mandatory: true, message);
    }

    public async ValueTask InitializeAsync() => _node = await RabbitNode.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }
}
