using KisFeed.Cli.Hosting;
using KisFeed.Wire;

namespace KisFeed.Cli.Options;

/// <summary>Something to watch: a key of a feed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key, its case as given.</param>
internal sealed record WatchTarget(FeedSchema Feed, string Key)
{
    /// <summary>Reads <c>FEED:KEY</c>. Order notices may be asked for without a key.</summary>
    /// <param name="catalog">The feeds.</param>
    /// <param name="text">What to read.</param>
    /// <param name="htsId">The key of order notices where none is given.</param>
    /// <param name="keys">Makes keys of names; <see langword="null"/> where there is nobody to ask.</param>
    /// <exception cref="CommandException">There is no such feed, or the key is missing or cannot be one of the feed.</exception>
    public static WatchTarget Parse(FeedCatalog catalog, string text, string? htsId, KeyResolver? keys = null)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var feed = FeedNames.Find(catalog, colon < 0 ? text : text[..colon]);
        var key = colon < 0 ? "" : text[(colon + 1)..].Trim();
        if (key.Length == 0 && feed.IsNotice && htsId is not null)
            key = htsId;
        if (key.Length > 0)
            return new WatchTarget(feed, feed.IsNotice || keys is null ? key : keys.Resolve(feed, key));

        var name = FeedNames.NameOf(feed);
        throw new CommandException(feed.IsNotice
            ? $"'{text}' lacks an HTS ID: name it, as in {name}:{feed.KeyExample}, or set {ServiceSettings.HtsIdVariable}, or my_htsid in ~/KIS/config/kis_devlp.yaml"
            : $"'{text}' lacks a key, the {feed.KeyMeaning}, as in {name}:{feed.KeyExample}");
    }

    /// <summary>The target as users name it; of order notices without the HTS ID, which is nobody else's business.</summary>
    public override string ToString() => Feed.IsNotice ? FeedNames.NameOf(Feed) : $"{FeedNames.NameOf(Feed)}:{Key}";

    /// <summary>The same on a service, which may have the feed under another TR ID.</summary>
    /// <exception cref="CommandException">The service does not have the feed.</exception>
    public WatchTarget On(KisEnvironment environment, FeedCatalog catalog)
    {
        try
        {
            return this with { Feed = FeedAvailability.Find(catalog, Feed, environment) };
        }
        catch (FeedNotAvailableException e)
        {
            throw new CommandException($"{this}: {e.Message}", e);
        }
    }
}
