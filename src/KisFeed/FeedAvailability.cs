using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>Which feeds each of the broker's services offers.</summary>
public static class FeedAvailability
{
    /// <summary>Finds a feed as a service offers it: some feeds have another TR ID on the mock service. Sends nothing.</summary>
    /// <param name="catalog">The known feeds.</param>
    /// <param name="feed">The feed.</param>
    /// <param name="environment">The service.</param>
    /// <returns>The catalog's schema, including the layouts of its layout file.</returns>
    /// <exception cref="FeedNotAvailableException">The service does not offer the feed, or the catalog does not contain it.</exception>
    public static FeedSchema Find(FeedCatalog catalog, FeedSchema feed, KisEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(feed);
        if (environment == KisEnvironment.Simulator)
            return Known(catalog, feed, feed.TrId);
        if (environment == KisEnvironment.Production)
        {
            return !feed.IsMockOnly
                ? Known(catalog, feed, feed.TrId)
                : throw new FeedNotAvailableException($"{feed.TrId} is on the mock service only{Counterpart(catalog, feed)}");
        }

        return (feed.MockSource is null ? feed.MockTrId ?? feed.TrId : feed.MockTrId) is { } mock
            ? Known(catalog, feed, mock)
            : throw new FeedNotAvailableException($"the mock service does not have {feed.TrId} ({feed.Korean}: 모의투자 미지원); "
                + $"it is on production only, according to {feed.MockSource}");
    }

    private static string Counterpart(FeedCatalog catalog, FeedSchema mock) =>
        catalog.Feeds.FirstOrDefault(f => !f.IsMockOnly && f.MockTrId == mock.TrId) is { } feed
            ? $"; production has {feed.TrId} instead"
            : "";

    private static FeedSchema Known(FeedCatalog catalog, FeedSchema feed, string trId)
    {
        if (!catalog.TryFind(trId, out var known))
        {
            throw new FeedNotAvailableException($"{trId} is not in this client's catalog. Add the feed of your own record type to "
                + $"{nameof(KisFeedOptions)}.{nameof(KisFeedOptions.Catalog)}: KisFeeds.Catalog.With({feed.RecordName}.Feed.Schema)");
        }

        // A record type decodes only with the columns that it was generated with.
        return known.Columns == feed.Columns || known.Columns.Select(ElementOf).SequenceEqual(feed.Columns.Select(ElementOf))
            ? known
            : throw new FeedNotAvailableException($"{trId} has other columns in this client's catalog: those of {known.RecordName}, not "
                + $"of {feed.RecordName}. Use {known.RecordName}, or a catalog that has {feed.RecordName} in its place");

        static (string, ColumnType) ElementOf(Column column) => (column.Element, column.Type);
    }
}

internal static class FeedKey
{
    /// <summary>Throws if a key is not valid.</summary>
    /// <exception cref="ArgumentException">The key is empty, has leading or trailing blanks, or contains control characters.</exception>
    public static void Validate(FeedSchema feed, string key)
    {
        if (string.IsNullOrWhiteSpace(key))
            throw new ArgumentException($"{feed.TrId} needs a key: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));

        // The service accepts such a key or waits for its end, but none of its frames would ever match it.
        if (char.IsWhiteSpace(key[0])
            || char.IsWhiteSpace(key[^1])
            || key.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
        {
            throw new ArgumentException($"a key of {feed.TrId} must not have leading or trailing blanks, control characters or invalid "
                + $"characters: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));
        }
    }
}
