namespace KisFeed.Cli.Output;

/// <summary>Finds feeds by TR ID or alias.</summary>
internal static class FeedNames
{
    private const int MaxSimilar = 5;

    /// <summary>Returns the feed with this TR ID or alias, case-insensitive.</summary>
    public static FeedSchema Find(FeedCatalog catalog, string name)
    {
        if (catalog.TryFind(name, out var feed))
            return feed;
        throw Unknown(catalog, name);
    }

    /// <summary>The error for a name that is not a feed.</summary>
    public static CommandException Unknown(FeedCatalog catalog, string name)
    {
        var similar = catalog.Search(name);
        return new CommandException(similar.IsEmpty
            ? $"'{name}' is not a feed. 'kisfeed feeds' lists the feeds"
            : $"'{name}' is not a feed. Feeds with this in their name: "
                + $"{string.Join(", ", similar.Take(MaxSimilar).Select(f => $"{NameOf(f)} ({f.TrId})"))}"
                + $"{(similar.Length > MaxSimilar ? " and more" : "")}; 'kisfeed feeds' lists them");
    }

    /// <summary>The error for a text that no feed has in its name.</summary>
    public static CommandException NotFound(string text) => new(
        $"no feed has '{text}' in its name. Search with part of a Korean or English name, a TR ID or a market, e.g. 'kisfeed feeds 호가' or "
        + "'kisfeed feeds overseas'; 'kisfeed feeds' lists the feeds");

    /// <summary>Returns the alias if there is one, otherwise the TR ID.</summary>
    public static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;
}
