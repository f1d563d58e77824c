using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Wire;

/// <summary>An immutable set of feeds with lookup by TR ID and by alias.</summary>
public sealed class FeedCatalog
{
    private readonly FrozenDictionary<byte[], FeedSchema> _byTrId;

    /// <summary>Creates a catalog of these feeds.</summary>
    /// <exception cref="ArgumentException">Two feeds have the same TR ID, or the layouts or the key of a feed do not match its columns.
    /// The message names the feeds.</exception>
    public FeedCatalog(ImmutableArray<FeedSchema> feeds)
    {
        Feeds = feeds;
        var byTrId = new Dictionary<byte[], FeedSchema>(TrIdComparer.Instance);
        foreach (var feed in feeds)
        {
            var trId = System.Text.Encoding.ASCII.GetBytes(feed.TrId);
            if (!byTrId.TryAdd(trId, feed))
            {
                throw new ArgumentException(
                    $"two feeds have the TR ID {feed.TrId}: {byTrId[trId].RecordName} and {feed.RecordName}. Leave one of them out.",
                    nameof(feeds));
            }

            if (feed.KeyColumn < 0 || feed.KeyColumn >= feed.Columns.Length || feed.Layouts.Any(l => l.ColumnCount != feed.Columns.Length))
            {
                throw new ArgumentException(
                    $"the layouts or the key of {feed.TrId} do not match its {feed.Columns.Length} columns", nameof(feeds));
            }
        }

        _byTrId = byTrId.ToFrozenDictionary(TrIdComparer.Instance);
    }

    /// <summary>All feeds. A feed of the mock service is a separate feed.</summary>
    public ImmutableArray<FeedSchema> Feeds { get; }

    /// <summary>Finds a feed by the TR ID of a frame, ignoring case.</summary>
    public bool TryGet(ReadOnlySpan<byte> trId, [NotNullWhen(true)] out FeedSchema? feed) =>
        _byTrId.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(trId, out feed);

    /// <summary>Finds a feed by TR ID or alias, ignoring case.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out FeedSchema? feed)
    {
        feed = Feeds.FirstOrDefault(f => f.TrId.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Feeds.FirstOrDefault(f => f.Alias.Length > 0 && f.Alias.Equals(name, StringComparison.OrdinalIgnoreCase));
        return feed is not null;
    }

    /// <summary>
    /// Finds the feeds whose TR ID, alias, Korean title, record type or market contains a text, ignoring case and
    /// blanks, in the order of the catalog.
    /// </summary>
    public ImmutableArray<FeedSchema> Search(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var wanted = WithoutBlanks(text);
        return [.. Feeds.Where(f => new[] { f.TrId, f.Alias, f.Alias.Replace('-', ' '), f.Korean, f.RecordName, f.Market.ToString() }
            .Any(name => WithoutBlanks(name).Contains(wanted, StringComparison.OrdinalIgnoreCase)))];

        static string WithoutBlanks(string name) => name.Replace(" ", "", StringComparison.Ordinal);
    }

    /// <summary>
    /// Returns the catalog with more feeds after its own, such as those of a program's own record types: <c>MyTrade.Feed.Schema</c>. A feed
    /// that has another TR ID on the mock service is in the catalog under both.
    /// </summary>
    /// <exception cref="ArgumentException">The catalog already has a feed with the TR ID of one of them.</exception>
    public FeedCatalog With(params IEnumerable<FeedSchema> feeds)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        return new FeedCatalog([.. Feeds, .. feeds.SelectMany(OfEachService)]);

        static IEnumerable<FeedSchema> OfEachService(FeedSchema feed) =>
            feed.MockTrId is not { } mock || mock == feed.TrId || feed.IsMockOnly
                ? [feed]
                : [feed, feed with { TrId = mock, Alias = feed.Alias.Length > 0 ? $"{feed.Alias}-mock" : "", IsMockOnly = true }];
    }

    /// <summary>Returns the catalog with the decimal places of prices that the broker sends without them.</summary>
    public FeedCatalog WithPriceScales(PriceScales scales)
    {
        ArgumentNullException.ThrowIfNull(scales);
        return new FeedCatalog([.. Feeds.Select(feed => feed.HasScaledPrices ? feed with { PriceScales = scales } : feed)]);
    }

    /// <summary>Lists the feeds for users: <c>index (H0UPCNT0), bond (H0BJCNT0)</c> and so on.</summary>
    public override string ToString() => string.Join(", ", Feeds.Select(f => f.Alias.Length == 0 ? f.TrId : $"{f.Alias} ({f.TrId})"));
}
