using KisFeed.Cli.Hosting;
using KisFeed.Wire;

namespace KisFeed.Cli.Options;

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
