using System.Globalization;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.RabbitMq;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Edge;

/// <summary>One node for all tests of a class, because its start takes seconds.</summary>
public sealed class EdgeNode : IAsyncLifetime
{
    private static int s_prefixes;
    private RabbitNode? _node;

    public async ValueTask InitializeAsync() => _node = await RabbitNode.StartAsync();

    /// <summary>Streams that no other test uses.</summary>
    internal RabbitMqClusterOptions NewCluster() => new()
    {
        Nodes = [_node!.Address],
        Prefix = string.Create(CultureInfo.InvariantCulture, $"edge{Interlocked.Increment(ref s_prefixes)}"),
        Partitions = 3,
        RetryInterval = TimeSpan.FromMilliseconds(20),
        MaxRetryInterval = TimeSpan.FromMilliseconds(200),
    };

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }
}

/// <summary>
/// A gateway that reads from a cluster, and the client whose frames are published there. What consumers want is registered at the service.
/// </summary>
internal sealed class EdgeGateway : IAsyncDisposable
{
    private readonly KisFeedClient _client;
    private readonly RabbitMqPublisher _publisher;

    private EdgeGateway(KisFeedClient client, RabbitMqPublisher publisher, GatewayServer gateway, RecordingLoggerFactory log)
    {
        _client = client;
        _publisher = publisher;
        Gateway = gateway;
        Log = log;
    }

    public GatewayServer Gateway { get; }

    public RecordingLoggerFactory Log { get; }

    /// <summary>Starts everything.</summary>
    /// <param name="service">The service, or a gateway.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="with">Changes the options of the gateway.</param>
    public static async Task<EdgeGateway> OpenAsync(
        Uri service, RabbitMqClusterOptions cluster, Func<GatewayOptions, GatewayOptions>? with = null)
    {
        var client = await KisFeedClient.ConnectAsync(
            TestGateway.ClientOf(service) with { Environment = KisEnvironment.Simulator, MaxRegistrations = 200 });
        var publisher = RabbitMqPublisher.Start(client, new RabbitMqPublisherOptions { Cluster = cluster, Source = "ingest" });
        var log = new RecordingLoggerFactory();
        var options = new GatewayOptions
        {
            Upstream = GatewaySource.FromFrames(
                meters => RabbitMqSource.Start(new RabbitMqSourceOptions
                {
                    Cluster = cluster with { MeterFactory = meters },
                    Demand = new PublisherDemand(publisher),
                }),
                KisEnvironment.Simulator,
                maxRegistrations: 1000),
            LoggerFactory = log,
            MinimumHold = TimeSpan.Zero,
            Limits = TestGateway.Unhurried,
        };
        var gateway = await GatewayServer.StartAsync(with?.Invoke(options) ?? options);
        await Patience.UntilAsync(() => gateway.Status.Upstream.Single().Phase == SessionPhase.Open);
        return new EdgeGateway(client, publisher, gateway, log);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _publisher.DisposeAsync();
        await _client.DisposeAsync();
        Log.Dispose();
    }

    private sealed class PublisherDemand(RabbitMqPublisher publisher) : IKeyDemand
    {
        public event EventHandler<KeyRefusedEventArgs>? Refused
        {
            add { }
            remove { }
        }

        public async Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
        {
            await publisher.AddAsync(feed, key, cancellationToken: cancellationToken);
            return 0;
        }

        public Task RemoveAsync(FeedSchema feed, string key) => publisher.RemoveAsync(feed, key);
    }
}
