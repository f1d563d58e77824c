using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Gateway.Streaming;

/// <summary>Parses <c>FEED:KEY</c>, where the feed is a TR ID or an alias in any case.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="environment">The broker's service. Some feeds have a different TR ID on the mock service.</param>
internal sealed class StreamTargets(FeedCatalog catalog, KisEnvironment environment)
{
    private static readonly Problem s_nothing = Problem.Malformed(
        "nothingSubscribed",
        "No keys are requested. Add ?subscribe=FEED:KEY, e.g. subscribe=index:0001,index:1001. /v1/feeds lists the feeds.");

    /// <summary>Reads the parameter <c>subscribe</c>.</summary>
    /// <param name="query">Gets the problem with the first key that is not valid, or that there is none.</param>
    /// <param name="values">The keys, comma-separated.</param>
    /// <param name="mayBeEmpty">Whether there may be no key.</param>
    public IReadOnlyList<StreamTarget> Read(QueryReader query, StringValues values, bool mayBeEmpty)
    {
        var (found, problem) = Parse(values);
        query.Problem ??= problem ?? (found.Count > 0 || mayBeEmpty ? null : s_nothing);
        return found;
    }

    public (IReadOnlyList<StreamTarget> Targets, Problem? Problem) Parse(StringValues values)
    {
        var targets = new List<StreamTarget>();
        foreach (var text in values.SelectMany(value => value!.Split(',')))
        {
            if (!TryParse(text, out var target, out var problem))
                return ([], problem);
            targets.Add(target);
        }

        return (targets, null);
    }

    /// <summary>
    /// The problem with keys that a consumer has no right to, which is logged; <see langword="null"/> if it has the right to all.
    /// </summary>
    public static Problem? ProblemOf(IEnumerable<StreamTarget> targets, Account account, AuditTrail audit, IPAddress? remote)
    {
        if (targets.FirstOrDefault(target => !account.MayRegister(target.Feed, target.Key)) is not { } forbidden)
            return null;
        audit.RightRefused(account.Name, remote, forbidden.Feed);
        var owner = forbidden.Feed.IsNotice ? " of this HTS ID" : "";
        return new Problem(
            StatusCodes.Status403Forbidden, "feedNotAllowed",
            $"This consumer has no right to {forbidden.Feed.TrId}{owner}. The operator of the gateway can grant it.")
        {
            Refusal = AccessRefusalReason.Rights,
        };
    }

    public bool TryParse(string text, [NotNullWhen(true)] out StreamTarget? target, [NotNullWhen(false)] out Problem? problem)
    {
        target = null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = (colon < 0 ? text : text[..colon]).Trim();
        if (!TryFind(name, out var feed, out problem))
            return false;
        var key = colon < 0 ? "" : feed.CompleteKey(text[(colon + 1)..].Trim());
        if (key.Length == 0)
        {
            problem = Problem.Malformed(
                "keyMissing", $"{feed.TrId} needs a key after a colon, the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
        }
        else if (!KeyFormat.Fits(feed.TrId, key))
        {
            problem = Problem.Malformed(
                "badKey",
                $"This is not a valid key of {feed.TrId}: it must be the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
        }
        else
        {
            target = new StreamTarget(feed, key);
        }
        return target is not null;
    }

    private static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;

    private bool TryFind(string name, [NotNullWhen(true)] out FeedSchema? feed, [NotNullWhen(false)] out Problem? problem)
    {
        problem = null;
        if (!catalog.TryFind(name, out feed))
        {
            problem = Problem.Malformed("unknownFeed", "One of the requested TR IDs or aliases is not a feed. /v1/feeds lists all feeds.");
            return false;
        }

        try
        {
            feed = FeedAvailability.Find(catalog, feed, environment);
            return true;
        }
        catch (FeedNotAvailableException e)
        {
            problem = Problem.Malformed("feedNotAvailable", $"The service does not have a requested feed: {e.Message}.");
            return false;
        }
    }
}
