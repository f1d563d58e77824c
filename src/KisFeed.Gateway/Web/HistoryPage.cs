using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/history/{feed}/{key}</c>: the current day of a key that is or was registered: its minutes, and where
/// data are missing. Registers nothing.
/// </summary>
internal sealed class HistoryPage(
    FeedCatalog catalog, IntradayHistory days, RecordedDays? recorded, Func<HubKey, bool> isRegistered, WebGate gate)
{
    public async Task AnswerAsync(HttpContext context, Account account)
    {
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out var feed))
        {
            await gate.RefuseAsync(context, AccessRefusalReason.Malformed, FeedPages.UnknownFeed).ConfigureAwait(false);
            return;
        }

        if (!account.MayRegister(feed))
        {
            await gate.RefuseAsync(context, AccessRefusalReason.Rights, LastPage.NoRight).ConfigureAwait(false);
            return;
        }

        if (feed.IsNotice)
        {
            await LastPage.NoticesNotKept.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var key = feed.CompleteKey((string)path["key"]!);
        await CompleteAsync(feed, context.RequestAborted).ConfigureAwait(false);
        var hubKey = new HubKey(feed.TrId, key);
        var day = days.Find(hubKey, out var isKnown);
        await (isKnown || isRegistered(hubKey)
            ? WebAnswer.WriteJsonAsync(context, json => Write(json, feed, key, day), isIndented: false)
            : LastPage.NotRegistered.WriteAsync(context)).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, FeedSchema feed, string key, Day? day)
    {
        json.WriteStartObject();
        DayJson.Write(json, feed, key, day);
        json.WriteEndObject();
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
