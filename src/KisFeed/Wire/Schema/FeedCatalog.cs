using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Wire;

/// <summary>A set of feeds, found by TR ID or by alias. Immutable.</summary>
public sealed class FeedCatalog
{
    private readonly FrozenDictionary<byte[], FeedSchema> _byTrId;

    /// <summary>A catalog of these feeds.</summary>
    /// <exception cref="ArgumentException">Two feeds have the same TR ID, or a feed's layouts or key are not those of its columns.</exception>
    public FeedCatalog(ImmutableArray<FeedSchema> feeds)
    {
        Feeds = feeds;
        var byTrId = new Dictionary<byte[], FeedSchema>(Utf8KeyComparer.Instance);
        foreach (var feed in feeds)
        {
            if (!byTrId.TryAdd(System.Text.Encoding.ASCII.GetBytes(feed.TrId), feed))
                throw new ArgumentException($"two feeds have the TR ID {feed.TrId}", nameof(feeds));
            if (feed.KeyColumn < 0 || feed.KeyColumn >= feed.Columns.Length || feed.Layouts.Any(l => l.ColumnCount != feed.Columns.Length))
                throw new ArgumentException($"the layouts or the key of {feed.TrId} are not those of its {feed.Columns.Length} columns", nameof(feeds));
        }

        _byTrId = byTrId.ToFrozenDictionary(Utf8KeyComparer.Instance);
    }

    /// <summary>All feeds, a feed of the mock service as one of its own.</summary>
    public ImmutableArray<FeedSchema> Feeds { get; }

    /// <summary>Looks a feed up by the TR ID as it stands in a frame.</summary>
    public bool TryGet(ReadOnlySpan<byte> trId, [NotNullWhen(true)] out FeedSchema? feed) =>
        _byTrId.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(trId, out feed);

    /// <summary>Looks a feed up by TR ID or alias, whatever their case.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out FeedSchema? feed)
    {
        feed = Feeds.FirstOrDefault(f => f.TrId.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Feeds.FirstOrDefault(f => f.Alias.Length > 0 && f.Alias.Equals(name, StringComparison.OrdinalIgnoreCase));
        return feed is not null;
    }

    /// <summary>Why <see cref="TryFind"/> finds nothing by a name: the broker has the feed, but this library does not support it yet, or there is no such feed. Without what there is, which is <see cref="ToString"/>.</summary>
    public static string DescribeUnknown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return UnsupportedFeeds.Describe(name) ?? $"'{name}' is not a feed";
    }

    /// <summary>Whether a name is the TR ID of a feed that the broker has and this library does not support yet.</summary>
    public static bool IsUnsupported(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return UnsupportedFeeds.Describe(name) is not null;
    }

    /// <summary>The feeds, as people name them: <c>index (H0UPCNT0), bond (H0BJCNT0)</c> and so on.</summary>
    public override string ToString() => string.Join(", ", Feeds.Select(f => f.Alias.Length == 0 ? f.TrId : $"{f.Alias} ({f.TrId})"));

    /// <summary>The same catalog with the layouts of a layout file added.</summary>
    /// <exception cref="LayoutFileException">A layout does not fit its feed.</exception>
    public FeedCatalog WithLayouts(LayoutFile layouts)
    {
        ArgumentNullException.ThrowIfNull(layouts);
        return new FeedCatalog(layouts.ApplyTo(Feeds));
    }
}
