using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.RabbitMq;

/// <summary>The options of a <see cref="RabbitMqSource"/>.</summary>
public sealed record RabbitMqSourceOptions
{
    /// <summary>The cluster and its streams.</summary>
    public required RabbitMqClusterOptions Cluster { get; init; }

    /// <summary>The feeds. Default: those of this library. For layout files, use <see cref="LayoutFileExtensions.WithLayouts"/>.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>The number of batches of a stream that the cluster sends ahead. Default 200.</summary>
    public ushort Prefetch { get; init; } = 200;

    /// <summary>The maximum number of keys. Default 10,000.</summary>
    public int MaxKeys { get; init; } = 10_000;

    /// <summary>
    /// Asks for the keys, so that others register them. Default none: only what others publish anyway is read, and a key counts as
    /// registered once its stream is read.
    /// </summary>
    public IKeyDemand? Demand { get; init; }

    internal RabbitMqReaderOptions Reader => new() { Cluster = Cluster, Catalog = Catalog, Prefetch = Prefetch };

    internal void Validate()
    {
        Reader.Validate();
        RabbitMqClusterOptions.Require(MaxKeys > 0, nameof(MaxKeys), "must be positive");
    }
}
