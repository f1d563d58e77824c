using KisFeed.Wire;

namespace KisFeed;

/// <summary>Which feeds each of the broker's services has.</summary>
public static class FeedAvailability
{
    /// <summary>A feed as a service has it: some have another TR ID on the mock service. Nothing is sent.</summary>
    /// <param name="catalog">The feeds that are known.</param>
    /// <param name="feed">The feed.</param>
    /// <param name="environment">The service.</param>
    /// <returns>The catalog's schema, which has the layouts of its layout file.</returns>
    /// <exception cref="FeedNotAvailableException">The service does not have the feed, or the catalog does not.</exception>
    public static FeedSchema Find(FeedCatalog catalog, FeedSchema feed, KisEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(feed);
        if (environment == KisEnvironment.Simulator)
            return Known(catalog, feed.TrId);
        var isMockFeed = feed.TrId.Equals(feed.MockTrId, StringComparison.Ordinal);
        if (environment == KisEnvironment.Production)
        {
            return !isMockFeed
                ? Known(catalog, feed.TrId)
                : throw new FeedNotAvailableException($"{feed.TrId} is on the mock service only{Counterpart(catalog, feed)}");
        }

        return feed.MockTrId is { } mock
            ? Known(catalog, mock)
            : throw new FeedNotAvailableException($"the mock service does not have {feed.TrId} ({feed.Korean}: 모의투자 미지원); it is on production only");
    }

    private static string Counterpart(FeedCatalog catalog, FeedSchema mock) =>
        catalog.Feeds.FirstOrDefault(f => f.TrId != mock.TrId && f.MockTrId == mock.TrId) is { } feed ? $"; production has {feed.TrId} instead" : "";

    private static FeedSchema Known(FeedCatalog catalog, string trId) =>
        catalog.TryFind(trId, out var feed) ? feed : throw new FeedNotAvailableException($"{trId} is not in this client's catalog");
}
