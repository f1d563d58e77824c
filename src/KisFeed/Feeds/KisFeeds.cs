using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>The feeds that this library has record types for.</summary>
public static class KisFeeds
{
    /// <summary>All of them, found by TR ID or by alias.</summary>
    public static FeedCatalog Catalog { get; } = new(GeneratedFeeds.All);
}
