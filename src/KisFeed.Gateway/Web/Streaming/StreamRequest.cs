using System.Globalization;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>What a stream is to be like, by the parameters of its address.</summary>
internal sealed record StreamRequest
{
    /// <summary>The most records that may wait.</summary>
    public const int MostRecords = 65_536;

    private const int DefaultRecords = 4_096;
    private const int DefaultRecordsOfLatest = 256;

    private const string Subscribe = "subscribe";
    private const string Snapshot = "snapshot";
    private const string Overflow = "overflow";
    private const string Queue = "queue";
    private const string LastEventId = "last_event_id";
    private const string LastEventIdHeader = "Last-Event-ID";

    /// <summary>The query parameters that it is made of.</summary>
    public static string[] Parameters => [Subscribe, NamesParameter.Name, Snapshot, Overflow, Queue, LastEventId];

    /// <summary>Whether it goes over a WebSocket, and its client may ask for more.</summary>
    public required bool IsWebSocket { get; init; }

    /// <summary>The keys that it begins with.</summary>
    public IReadOnlyList<StreamTarget> Targets { get; private init; } = [];

    /// <summary>Which names members bear.</summary>
    public NameStyle Names { get; private init; }

    /// <summary>What it wants to know before anything new.</summary>
    public StreamStart Start { get; private init; } = StreamStart.Now;

    /// <summary>What becomes of what does not fit its queue.</summary>
    public StreamOverflow OverflowPolicy { get; private init; }

    /// <summary>How many records may wait in its queue.</summary>
    public int Records { get; private init; } = DefaultRecords;

    /// <summary>Reads the parameters.</summary>
    /// <returns>The request, or what is wrong with it.</returns>
    public static (StreamRequest? Request, Problem? Problem) Parse(HttpRequest http, StreamTargets targets, bool isWebSocket)
    {
        var request = new StreamRequest { IsWebSocket = isWebSocket };
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
                return Bad(name, "it may be given once");
            switch (name.ToLowerInvariant())
            {
                case NamesParameter.Name when NamesParameter.TryParse(text, out var names):
                    request = request with { Names = names };
                    break;
                case NamesParameter.Name:
                    return Bad(name, $"it is {NamesParameter.Values}");
                case Snapshot when text is "1" or "true" or "0" or "false":
                    hasSnapshot = text is "1" or "true";
                    break;
                case Snapshot:
                    return Bad(name, "it is 1 or 0");
                case Overflow when PolicyOf(text) is { } policy:
                    request = request with { OverflowPolicy = policy };
                    break;
                case Overflow:
                    return Bad(name, "it is drop-oldest, latest or disconnect");
                case Queue when text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostRecords:
                    records = number;
                    break;
                case Queue:
                    return Bad(name, string.Create(CultureInfo.InvariantCulture, $"it is a number of records from 1 to {MostRecords}"));
                case LastEventId:
                    after = text.Length > 0 ? text : null; // As the header, which is empty where nothing has come yet.
                    break;
            }
        }

        if (request.Targets.Count == 0 && !isWebSocket)
        {
            return (null, new Problem(
                StatusCodes.Status400BadRequest, "nothingSubscribed", $"Say what the stream is to have: ?{Subscribe}=FEED:KEY, as in {Subscribe}=index:0001,index:1001. /v1/feeds lists the feeds."));
        }

        // A browser that comes back has the newer one in the header; its address is still the first.
        var headers = http.Headers[LastEventIdHeader];
        if (headers.Count > 1)
            return (null, new Problem(StatusCodes.Status400BadRequest, "badParameter", $"The header {LastEventIdHeader} cannot be used: it may be given once."));
        if (headers is [{ Length: > 0 } header])
            after = header;
        return (request with
        {
            Start = new StreamStart(after, hasSnapshot),
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
