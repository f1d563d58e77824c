using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Reads <c>FEED:KEY</c>, the feed by TR ID or alias in any case.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="environment">Which of the broker's services upstream is: some feeds have another TR ID on the mock service.</param>
internal sealed class StreamTargets(FeedCatalog catalog, KisEnvironment environment)
{
    /// <summary>Reads several.</summary>
    /// <returns>Them, or what is wrong with the first that cannot be.</returns>
    public (IReadOnlyList<StreamTarget> Targets, Problem? Problem) Parse(IEnumerable<string> texts)
    {
        var targets = new List<StreamTarget>();
        foreach (var text in texts)
        {
            if (!TryParse(text, out var target, out var problem))
                return ([], problem);
            targets.Add(target);
        }

        return (targets, null);
    }

    /// <summary>Reads one.</summary>
    public bool TryParse(string text, [NotNullWhen(true)] out StreamTarget? target, [NotNullWhen(false)] out Problem? problem)
    {
        target = null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = (colon < 0 ? text : text[..colon]).Trim();
        if (!TryFind(name, out var feed, out problem))
            return false;
        var key = colon < 0 ? "" : text[(colon + 1)..].Trim();
        if (key.Length == 0)
            problem = Bad("keyMissing", $"{feed.TrId} needs a key behind a colon, the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
        else if (!KeyFormat.Fits(feed.TrId, key))
            problem = Bad("badKey", $"A key of {feed.TrId} cannot look like that: it is the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
        else
            target = new StreamTarget(feed, key);
        return target is not null;
    }

    private static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;

    private static Problem Bad(string code, string detail) => new(StatusCodes.Status400BadRequest, code, detail);

    private bool TryFind(string name, [NotNullWhen(true)] out FeedSchema? feed, [NotNullWhen(false)] out Problem? problem)
    {
        problem = null;
        if (!catalog.TryFind(name, out feed))
        {
            problem = FeedCatalog.IsUnsupported(name)
                ? Bad("unsupportedFeed", $"{FeedCatalog.DescribeUnknown(name)}. The feeds are {catalog}.")
                : Bad("unknownFeed", $"There is no feed with one of the TR IDs or aliases that were asked for. The feeds are {catalog}.");
            return false;
        }

        try
        {
            feed = FeedAvailability.Find(catalog, feed, environment);
            return true;
        }
        catch (FeedNotAvailableException e)
        {
            problem = Bad("feedNotAvailable", $"The service does not have a feed that was asked for: {e.Message}.");
            return false;
        }
    }
}
