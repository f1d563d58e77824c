using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>The parameters of <c>/v1/stream</c>.</summary>
internal sealed record StreamRequest(
    bool IsWebSocket, bool IsPage, IReadOnlyList<StreamTarget> Targets, bool IsCapture, NameStyle Names, StreamStart Start,
    StreamOverflow OverflowPolicy, int Records)
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
    private const string Page = "page";
    private const string LastEventIdHeader = "Last-Event-ID";

    public static string[] Parameters => [Subscribe, NamesParameter.Name, Snapshot, Overflow, Queue, From, Format, Page, LastEventId];

    public static (StreamRequest? Request, Problem? Problem) Parse(
        HttpRequest http, StreamTargets targets, bool isWebSocket, DateTimeOffset now)
    {
        var query = new QueryReader(http.Query);
        var overflow = query.Choose(
            Overflow,
            ("drop-oldest", StreamOverflow.DropOldest),
            ("latest", StreamOverflow.Latest),
            ("disconnect", StreamOverflow.Disconnect));
        var request = new StreamRequest(
            isWebSocket,
            ReadSwitch(query, Page),
            targets.Read(query, http.Query[Subscribe], mayBeEmpty: isWebSocket),
            IsCapture: query.Choose(Format, ("json", false), ("capture", true)),
            NamesParameter.Read(query),
            new StreamStart(
                AfterOf(http, query),
                ReadSwitch(query, Snapshot),
                query.Read<HistoryPosition?>(
                    From,
                    null,
                    (text, out value) => (value = PastTime.TryParse(text, now, out var position) ? position : null) is not null,
                    PastTime.Expected)),
            overflow,
            query.ReadNumber(
                Queue, overflow == StreamOverflow.Latest ? DefaultRecordsOfLatest : DefaultRecords, MaxRecords, "a number of records"));
        return query.Problem is { } problem ? (null, problem) : (request, null);
    }

    private static bool ReadSwitch(QueryReader query, string name) =>
        query.Read(name, false, (text, out value) => (value = text is "1" or "true") || text is "0" or "false", "it must be 1 or 0");

    // A browser that reconnects sends the newest id in the header, and the original address. The parameter is empty
    // before the first item, like the header.
    private static string? AfterOf(HttpRequest http, QueryReader query)
    {
        var after = query.ReadText(LastEventId);
        var headers = http.Headers[LastEventIdHeader];
        if (headers.Count > 1)
        {
            query.Problem ??= Problem.Malformed("badParameter",
                $"The header {LastEventIdHeader} is not valid: it may be given only once.");
        }
        if (headers is [{ Length: > 0 } header])
            after = header;
        if (after.Length == 0)
            return null;
        if (!StreamId.IsId(after))
        {
            query.Problem ??= QueryParameters.Unusable(
                LastEventId,
                "it must be the id of an item, as a stream sent it, e.g. 98e490ff7dda-35-8de2a90f1c3b2a8.1; the last part is a time");
        }
        return after;
    }
}
