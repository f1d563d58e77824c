using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>The parameters of <c>/v1/stream</c>.</summary>
internal sealed record StreamRequest
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

    /// <summary>The names of the query parameters.</summary>
    public static string[] Parameters => [Subscribe, NamesParameter.Name, Snapshot, Overflow, Queue, From, Format, LastEventId];

    /// <summary>Whether the stream is a WebSocket, whose client may subscribe to more keys.</summary>
    public required bool IsWebSocket { get; init; }

    /// <summary>The keys that the stream begins with.</summary>
    public IReadOnlyList<StreamTarget> Targets { get; private init; } = [];

    /// <summary>Whether the items are sent as lines of a capture instead of JSON.</summary>
    public bool IsCapture { get; private init; }

    /// <summary>The naming style of JSON members.</summary>
    public NameStyle Names { get; private init; }

    /// <summary>What the stream sends before new data.</summary>
    public StreamStart Start { get; private init; } = StreamStart.Now;

    /// <summary>What happens when the queue is full.</summary>
    public StreamOverflow OverflowPolicy { get; private init; }

    /// <summary>The size of the queue in records.</summary>
    public int Records { get; private init; } = DefaultRecords;

    /// <summary>Parses the parameters.</summary>
    /// <param name="http">The request.</param>
    /// <param name="targets">Parses keys.</param>
    /// <param name="isWebSocket">Whether the stream is a WebSocket.</param>
    /// <param name="now">The current time, to which relative times refer.</param>
    /// <returns>The request, or the problem with it.</returns>
    public static (StreamRequest? Request, Problem? Problem) Parse(HttpRequest http, StreamTargets targets, bool isWebSocket, DateTimeOffset now)
    {
        var request = new StreamRequest { IsWebSocket = isWebSocket };
        HistoryPosition? from = null;
        int? records = null;
        string? after = null;
        var hasSnapshot = false;
        foreach (var (name, values) in http.Query)
        {
            if (name.Equals(Subscribe, StringComparison.OrdinalIgnoreCase))
            {
                var (found, problem) = targets.Parse(values.SelectMany(value => value!.Split(',')));
                if (problem is not null)
                    return (null, problem);
                request = request with { Targets = found };
                continue;
            }

            if (values is not [{ } text])
                return Bad(name, "it may be given only once");
            switch (name.ToLowerInvariant())
            {
                case NamesParameter.Name when NamesParameter.TryParse(text, out var names):
                    request = request with { Names = names };
                    break;
                case NamesParameter.Name:
                    return Bad(name, $"it must be {NamesParameter.Values}");
                case Snapshot when text is "1" or "true" or "0" or "false":
                    hasSnapshot = text is "1" or "true";
                    break;
                case Snapshot:
                    return Bad(name, "it must be 1 or 0");
                case Overflow when PolicyOf(text) is { } policy:
                    request = request with { OverflowPolicy = policy };
                    break;
                case Overflow:
                    return Bad(name, "it must be drop-oldest, latest or disconnect");
                case Queue when text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxRecords:
                    records = number;
                    break;
                case Queue:
                    return Bad(name, string.Create(CultureInfo.InvariantCulture, $"it must be a number of records from 1 to {MaxRecords}"));
                case From when PastTime.TryParse(text, now, out var place):
                    from = place;
                    break;
                case From:
                    return Bad(name, PastTime.Expected);
                case Format when text is "json" or "capture":
                    request = request with { IsCapture = text == "capture" };
                    break;
                case Format:
                    return Bad(name, "it must be json or capture");
                case LastEventId:
                    after = text.Length > 0 ? text : null; // Like the header, which is empty before the first item.
                    break;
            }
        }

        if (request.Targets.Count == 0 && !isWebSocket)
        {
            return (null, new Problem(
                StatusCodes.Status400BadRequest, "nothingSubscribed", $"No keys are requested. Add ?{Subscribe}=FEED:KEY, e.g. {Subscribe}=index:0001,index:1001. /v1/feeds lists the feeds."));
        }

        // A browser that reconnects sends the newest id in the header, and the original address.
        var headers = http.Headers[LastEventIdHeader];
        if (headers.Count > 1)
            return (null, new Problem(StatusCodes.Status400BadRequest, "badParameter", $"The header {LastEventIdHeader} is not valid: it may be given only once."));
        if (headers is [{ Length: > 0 } header])
            after = header;
        if (after is not null && !StreamId.IsId(after))
            return Bad(LastEventId, "it must be the id of an item, as a stream sent it, e.g. 98e490ff7dda-35-8de2a90f1c3b2a8.1; the last part is a time");
        return (request with
        {
            Start = new StreamStart(after, hasSnapshot, from),
            Records = records ?? (request.OverflowPolicy == StreamOverflow.Latest ? DefaultRecordsOfLatest : DefaultRecords),
        }, null);
    }

    private static StreamOverflow? PolicyOf(string text) => text switch
    {
        "drop-oldest" => StreamOverflow.DropOldest,
        "latest" => StreamOverflow.Latest,
        "disconnect" => StreamOverflow.Disconnect,
        _ => null,
    };

    private static (StreamRequest?, Problem?) Bad(string name, string expected) => (null, QueryParameters.Unusable(name, expected));
}

/// <summary>Parses <c>FEED:KEY</c>, where the feed is a TR ID or an alias in any case.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="environment">The broker's service. Some feeds have a different TR ID on the mock service.</param>
internal sealed class StreamTargets(FeedCatalog catalog, KisEnvironment environment)
{
    /// <summary>Parses several targets.</summary>
    /// <returns>The targets, or the problem with the first one that is not valid.</returns>
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

    /// <summary>Parses one target.</summary>
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
