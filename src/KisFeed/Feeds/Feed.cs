using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>A feed of the broker together with its record type; used to subscribe.</summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
/// <param name="schema">The feed's schema.</param>
public sealed class Feed<TRecord>(FeedSchema schema)
    where TRecord : struct, IFeedRecord<TRecord>
{
    /// <summary>The feed's schema.</summary>
    public FeedSchema Schema { get; } = schema;

    /// <summary>The feed's TR ID on the production service.</summary>
    public string TrId => Schema.TrId;

    /// <summary>The TR ID.</summary>
    public override string ToString() => TrId;
}

/// <summary>The feeds for which this library has record types.</summary>
public static class KisFeeds
{
    /// <summary>All of these feeds, by TR ID or by alias.</summary>
    public static FeedCatalog Catalog { get; } = new FeedCatalog([]).With(GeneratedFeeds.All);
}
