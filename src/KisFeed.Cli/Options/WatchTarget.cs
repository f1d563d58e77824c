using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
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

/// <summary>Makes keys of what users write in their place: a key as it is, a key in lower case, or the name of an instrument. Anything else is refused before a connection is made.</summary>
/// <param name="instruments">What is known by name.</param>
/// <param name="tell">Told what was made of a name.</param>
internal sealed class KeyResolver(IReadOnlyList<Instrument> instruments, Action<string> tell)
{
    private const int MostHints = 3;

    private readonly InstrumentSearch _search = new(instruments);

    /// <summary>The key that is meant.</summary>
    /// <exception cref="CommandException">The feed cannot have such a key, and no one instrument of the feed has that name.</exception>
    public string Resolve(FeedSchema feed, string text)
    {
        if (InstrumentSearch.CanHave(feed, text))
            return text;
        var named = _search.FindExactly(feed, text);
        var upper = text.ToUpperInvariant();
        var key = named.Count == 1 ? named[0].Code : InstrumentSearch.CanHave(feed, upper) ? upper : throw new CommandException(Refusal(feed, text, named));
        tell($"kisfeed: {text} is {key}");
        return key;
    }

    private string Refusal(FeedSchema feed, string text, IReadOnlyList<InstrumentMatch> named)
    {
        var name = FeedNames.NameOf(feed);
        var near = named.Count > 0 ? named : _search.Find(text);
        string[] hints = [.. near.Where(match => match.Name is not null && match.Feeds.Any(f => f.TrId == feed.TrId)).Take(MostHints).Select(match => $"{name}:{match.Code} ({match.Name})")];
        var hint = hints.Length == 0 ? "" : $" Did you mean {string.Join(", ", hints)}?";
        var find = InstrumentSearch.IsSearched(feed) ? $" 'kisfeed find {text}' searches by name." : "";
        return $"'{text}' cannot be a key of {name}, which is the {feed.KeyMeaning}, as in {name}:{feed.KeyExample}.{hint}{find}";
    }
}

/// <summary>Finds feeds by the names that users give them.</summary>
internal static class FeedNames
{
    /// <summary>The feed with this TR ID or alias, in any case.</summary>
    /// <exception cref="CommandException">There is none; the message lists those there are.</exception>
    public static FeedSchema Find(FeedCatalog catalog, string name)
    {
        if (catalog.TryFind(name, out var feed))
            return feed;
        throw new CommandException($"{FeedCatalog.DescribeUnknown(name)}. The feeds are {catalog}; 'kisfeed feeds' says what each has");
    }

    /// <summary>The short name where there is one, else the TR ID.</summary>
    public static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;
}
