using System.Diagnostics.CodeAnalysis;
using System.Net;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Gateway.Streaming;

/// <summary>The parameters of <c>/v1/stream</c>.</summary>
internal sealed record StreamRequest(
    bool IsWebSocket, IReadOnlyList<StreamTarget> Targets, bool IsCapture, NameStyle Names, StreamStart Start, StreamOverflow OverflowPolicy, int Records)
{
    /// <summary>The largest queue that a client may request, in records.</summary>
    public const int MaxRecords = 65_536;

    private const int DefaultRecords = 4_096;
    private const int DefaultRecordsOfLatest = 256;

    private const string Subscribe = "subscribe";
    private const string Snapshot = "snapshot";
    private const string Overflow = "overflow";
    private const string Queue = "queue";
    private const string LastEventId = "last_event_id";
    private const string From = "from";
    private const string Format = "format";
    private const string LastEventIdHeader = "Last-Event-ID";

    public static string[] Parameters => [Subscribe, NamesParameter.Name, Snapshot, Overflow, Queue, From, Format, LastEventId];

    /// <summary>Parses the parameters.</summary>
    /// <returns>The request, or the problem with it.</returns>
    public static (StreamRequest? Request, Problem? Problem) Parse(HttpRequest http, StreamTargets targets, bool isWebSocket, DateTimeOffset now)
    {
        var query = new QueryReader(http.Query);
        var overflow = query.Choose(
            Overflow, ("drop-oldest", StreamOverflow.DropOldest), ("latest", StreamOverflow.Latest), ("disconnect", StreamOverflow.Disconnect));
        var request = new StreamRequest(
            isWebSocket,
            targets.Read(query, http.Query[Subscribe], mayBeEmpty: isWebSocket),
            IsCapture: query.Choose(Format, ("json", false), ("capture", true)),
            NamesParameter.Read(query),
            new StreamStart(
                AfterOf(http, query),
                query.Read(Snapshot, false, (text, out value) => (value = text is "1" or "true") || text is "0" or "false", "it must be 1 or 0"),
                query.Read<HistoryPosition?>(
                    From, null, (text, out value) => (value = PastTime.TryParse(text, now, out var place) ? place : null) is not null, PastTime.Expected)),
            overflow,
            query.ReadNumber(Queue, overflow == StreamOverflow.Latest ? DefaultRecordsOfLatest : DefaultRecords, MaxRecords, "a number of records"));
        return query.Problem is { } problem ? (null, problem) : (request, null);
    }

    // A browser that reconnects sends the newest id in the header, and the original address. The parameter is empty before the first item, like the header.
    private static string? AfterOf(HttpRequest http, QueryReader query)
    {
        var after = query.Read(LastEventId, "", (text, out value) => (value = text) is not null, "");
        var headers = http.Headers[LastEventIdHeader];
        if (headers.Count > 1)
            query.Problem ??= new Problem(StatusCodes.Status400BadRequest, "badParameter", $"The header {LastEventIdHeader} is not valid: it may be given only once.");
        if (headers is [{ Length: > 0 } header])
            after = header;
        if (after.Length == 0)
            return null;
        if (!StreamId.IsId(after))
            query.Problem ??= QueryParameters.Unusable(LastEventId, "it must be the id of an item, as a stream sent it, e.g. 98e490ff7dda-35-8de2a90f1c3b2a8.1; the last part is a time");
        return after;
    }
}

/// <summary>Parses <c>FEED:KEY</c>, where the feed is a TR ID or an alias in any case.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="environment">The broker's service. Some feeds have a different TR ID on the mock service.</param>
internal sealed class StreamTargets(FeedCatalog catalog, KisEnvironment environment)
{
    private static readonly Problem s_nothing = new(
        StatusCodes.Status400BadRequest, "nothingSubscribed", "No keys are requested. Add ?subscribe=FEED:KEY, e.g. subscribe=index:0001,index:1001. /v1/feeds lists the feeds.");

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

    /// <summary>Parses several targets.</summary>
    /// <returns>The targets, or the problem with the first one that is not valid.</returns>
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

    /// <summary>The problem with keys that a consumer has no right to, which is logged; <see langword="null"/> if it has the right to all.</summary>
    public static Problem? ProblemOf(IEnumerable<StreamTarget> targets, Account account, AuditTrail audit, IPAddress? remote)
    {
        if (targets.FirstOrDefault(target => !account.MayRegister(target.Feed, target.Key)) is not { } forbidden)
            return null;
        audit.RightRefused(account.Name, remote, forbidden.Feed);
        var owner = forbidden.Feed.IsNotice ? " of this HTS ID" : "";
        return new Problem(
            StatusCodes.Status403Forbidden, "feedNotAllowed", $"This consumer has no right to {forbidden.Feed.TrId}{owner}. The operator of the gateway can grant it.");
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
            problem = Bad("keyMissing", $"{feed.TrId} needs a key after a colon, the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
        else if (!KeyFormat.Fits(feed.TrId, key))
            problem = Bad("badKey", $"This is not a valid key of {feed.TrId}: it must be the {feed.KeyMeaning}, as in {NameOf(feed)}:{feed.KeyExample}.");
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
            problem = Bad("unknownFeed", "One of the requested TR IDs or aliases is not a feed. /v1/feeds lists all feeds.");
            return false;
        }

        try
        {
            feed = FeedAvailability.Find(catalog, feed, environment);
            return true;
        }
        catch (FeedNotAvailableException e)
        {
            problem = Bad("feedNotAvailable", $"The service does not have a requested feed: {e.Message}.");
            return false;
        }
    }
}
