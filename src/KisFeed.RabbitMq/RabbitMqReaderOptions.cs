using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.RabbitMq;

/// <summary>The options of a <see cref="RabbitMqReader{TRecord}"/>.</summary>
public sealed record RabbitMqReaderOptions
{
    /// <summary>The cluster and its streams.</summary>
    public required RabbitMqClusterOptions Cluster { get; init; }

    /// <summary>The feeds. Default: those of this library. For layout files, use <see cref="LayoutFileExtensions.WithLayouts"/>.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>The number of batches that the cluster sends ahead. Default 200.</summary>
    public ushort Prefetch { get; init; } = 200;

    internal void Validate()
    {
        Cluster.Validate();
        RabbitMqClusterOptions.Require(Prefetch > 0, nameof(Prefetch), "must be positive");
    }
}
