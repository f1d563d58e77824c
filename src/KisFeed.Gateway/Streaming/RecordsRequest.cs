using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>The parameters of <c>/v1/records</c>.</summary>
/// <param name="Targets">The keys.</param>
/// <param name="From">The position behind which the page begins. Default: the beginning of today.</param>
/// <param name="Until">The time before which it ends. Default: now.</param>
/// <param name="Limit">The greatest number of items.</param>
/// <param name="Names">The naming style.</param>
/// <param name="IsCsv">Whether the page is CSV, which has records only.</param>
/// <param name="IsCapture">Whether all lines of the capture are requested, instead of a page.</param>
internal sealed record RecordsRequest(
    IReadOnlyList<StreamTarget> Targets, HistoryPosition From, DateTimeOffset Until, int Limit, NameStyle Names, bool IsCsv, bool IsCapture)
{
    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1_000;

    private const string Subscribe = "subscribe";
    private const string FromName = "from";
    private const string UntilName = "to";
    private const string LimitName = "limit";
    private const string Format = "format";

    public static string[] Parameters => [Subscribe, FromName, UntilName, LimitName, NamesParameter.Name, Format];

    public static bool IsPosition(string name) => name.Equals(FromName, StringComparison.OrdinalIgnoreCase);

    public static (RecordsRequest Request, Problem? Problem) Parse(IQueryCollection values, StreamTargets targets, DateTimeOffset now)
    {
        var query = new QueryReader(values);
        var format = query.Choose(Format, ("json", "json"), ("csv", "csv"), ("capture", "capture"));
        var today = HistoryPosition.Before(new DateTimeOffset(KoreaTime.From(now).Date, KoreaTime.Offset));
        var request = new RecordsRequest(
            targets.Read(query, values[Subscribe], mayBeEmpty: false),
            query.Read(FromName, today, (text, out value) => PastTime.TryParse(text, now, out value), PastTime.Expected),
            query.Read(
                UntilName,
                HistoryPosition.Before(DateTimeOffset.MaxValue),
                (text, out value) => PastTime.TryParse(text, now, out value, mayBeLater: true),
                PastTime.Expected).At,
            query.ReadNumber(LimitName, DefaultLimit, MaxLimit, "a number"),
            NamesParameter.Read(query),
            IsCsv: format == "csv",
            IsCapture: format == "capture");
        if (request.IsCsv && request.Targets.Select(target => target.Feed.TrId).Distinct(StringComparer.Ordinal).Count() > 1)
            query.Problem ??= QueryParameters.Unusable(Format, "csv has the columns of one feed, but keys of several are requested");
        return (request, query.Problem);
    }
}
