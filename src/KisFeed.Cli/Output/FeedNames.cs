using KisFeed.Cli.Hosting;
using KisFeed.Wire;

namespace KisFeed.Cli.Output;

/// <summary>Finds feeds by TR ID or alias.</summary>
internal static class FeedNames
{
    /// <summary>Returns the feed with this TR ID or alias, case-insensitive.</summary>
    /// <exception cref="CommandException">There is no such feed; the message lists all feeds.</exception>
    public static FeedSchema Find(FeedCatalog catalog, string name)
    {
        if (catalog.TryFind(name, out var feed))
            return feed;
        throw new CommandException($"{FeedCatalog.DescribeUnknown(name)}. The feeds are {catalog}; 'kisfeed feeds' describes them");
    }

    /// <summary>Returns the alias if there is one, otherwise the TR ID.</summary>
    public static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;
}
