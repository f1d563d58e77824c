using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/feeds</c>: the feeds. <c>/v1/last/{feed}/{key}</c>: the last record of a registered key. <c>/v1/history/{feed}/{key}</c>: the
/// current day of a key that is or was registered: its minutes, and where data are missing. Registers nothing.
/// </summary>
internal sealed class FeedPages(FeedCatalog catalog, LastFrames frames, IntradayHistory days, RecordedDays? recorded, FeedHub hub)
{
    private static readonly Problem s_unknownFeed = Problem.Malformed(
        "unknownFeed", "There is no feed with this TR ID or alias. /v1/feeds lists all feeds.", StatusCodes.Status404NotFound);

    private static readonly Problem s_noRight = new(
        StatusCodes.Status403Forbidden, "feedNotAllowed",
        "This consumer has no right to this feed. The operator of the gateway can grant it.")
    {
        Refusal = AccessRefusalReason.Rights,
    };

    private static readonly Problem s_noticesNotKept = new(
        StatusCodes.Status404NotFound, "noticesNotKept", "Order notices are not kept. /v1/stream sends them as they arrive.");

    private static readonly Problem s_notRegistered = new(
        StatusCodes.Status404NotFound, "notRegistered", "This key is not registered now, and this endpoint does not register keys. "
            + "Use /v1/stream?subscribe=FEED:KEY&snapshot=1 to register it and receive its records.");

    private static readonly Problem s_nothingYet = new(
        StatusCodes.Status404NotFound, "nothingYet", "The key is registered, but no record has arrived yet.");

    public IResult Feeds(HttpContext context, Account account) => WebAnswer.Json(json => FeedJson.Write(json, catalog.Feeds));

    public IResult Feed(HttpContext context, Account account) => catalog.TryFind((string)context.Request.RouteValues["feed"]!, out var feed)
        ? WebAnswer.Json(json => FeedJson.Write(json, feed))
        : s_unknownFeed;

    // The record has the form of kisfeed watch --format json; if newer records may be missing, it has a member interruption.
    public IResult Last(HttpContext context, Account account)
    {
        var query = new QueryReader(context.Request.Query);
        var names = NamesParameter.Read(query);
        if (query.Problem is { } badQuery)
            return badQuery;
        if (Find(context, account, out var feed, out var key) is { } problem)
            return problem;
        if (frames.Find(new HubKey(feed!.TrId, key)) is not { } last)
            return s_notRegistered;
        if (last.Frame is not { } frame)
            return s_nothingYet;
        FrameError error = default;
        var isReadable = false;
        var answer = WebAnswer.Json(json =>
        {
            json.WriteStartObject();
            isReadable = ItemJson.TryWriteFirstRecord(json, feed, key, frame, names, out error);
            if (isReadable && last.Interruption is { } interruption)
                ItemJson.WriteInterruption(json, feed, key, interruption, names);
            json.WriteEndObject();
        });
        return isReadable
            ? answer
            : new Problem(StatusCodes.Status502BadGateway, "unreadable", $"The last record of this key cannot be read: {error}.");
    }

    public async Task<IResult> HistoryAsync(HttpContext context, Account account)
    {
        if (Find(context, account, out var feed, out var key) is { } problem)
            return problem;
        await CompleteAsync(feed!, context.RequestAborted).ConfigureAwait(false);
        var hubKey = new HubKey(feed!.TrId, key);
        var day = days.Find(hubKey, out var isKnown);
        return isKnown || hub.IsRegistered(hubKey)
            ? WebAnswer.Json(
                json =>
                {
                    json.WriteStartObject();
                    DayJson.Write(json, feed, key, day);
                    json.WriteEndObject();
                },
                isIndented: false)
            : s_notRegistered;
    }

    private Problem? Find(HttpContext context, Account account, out FeedSchema? feed, out string key)
    {
        key = "";
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out feed))
            return s_unknownFeed;
        if (!account.MayRegister(feed))
            return s_noRight;
        key = feed.CompleteKey((string)path["key"]!);
        return feed.IsNotice ? s_noticesNotKept : null;
    }

    private async Task CompleteAsync(FeedSchema feed, CancellationToken cancellationToken)
    {
        try
        {
            await (recorded?.CompleteAsync(feed, cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CaptureException or CaptureArchiveException)
        {
            // The recording cannot be read now. The day begins with what the gateway has received itself.
        }
    }
}
