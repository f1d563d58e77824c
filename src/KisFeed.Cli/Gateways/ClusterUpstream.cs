using System.Diagnostics.Metrics;
using KisFeed.Cli.Clusters;
using KisFeed.Gateway;
using KisFeed.RabbitMq;

namespace KisFeed.Cli.Gateways;

/// <summary>A cluster that other gateways publish to, as the source of a gateway's data.</summary>
internal sealed class ClusterUpstream(RabbitMqClusterOptions cluster, int maxKeys, KisFeedOptions options, EdgeMembership? edge)
{
    /// <summary>
    /// The default number of keys. The gateways that publish have the slots at the broker; this limits
    /// the memory and the demand of an edge.
    /// </summary>
    public const int DefaultMaxKeys = 10_000;

    /// <summary>The nodes, for messages.</summary>
    public string Name { get; } = ClusterAddress.NameOf(cluster.Nodes);

    public GatewaySource Source => GatewaySource.FromFrames(Open, KisEnvironment.Simulator, maxKeys, options.TimeProvider);

    private RabbitMqSource Open(IMeterFactory meters)
    {
        try
        {
            var catalog = KisFeedClient.CatalogOf(options);
            var source = RabbitMqSource.Start(new RabbitMqSourceOptions
            {
                Cluster = cluster with { MeterFactory = meters },
                Catalog = catalog,
                MaxKeys = maxKeys,
                Demand = edge?.Demand,
            });
            edge?.Source = source;
            return source;
        }
        catch (ArgumentException e)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
