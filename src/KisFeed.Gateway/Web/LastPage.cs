using System.Buffers;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/last/{feed}/{key}</c>: the last record of a registered key. Registers nothing. The record has the form of <c>kisfeed watch
/// --format json</c>; if newer records may be missing, it has a member <c>interruption</c>.
/// </summary>
internal sealed class LastPage(FeedCatalog catalog, LastFrames frames, WebGate gate)
{
    public static Problem NoRight { get; } = new(StatusCodes.Status403Forbidden, "feedNotAllowed",
        "This consumer has no right to this feed. The operator of the gateway can grant it.");

    public static Problem NoticesNotKept { get; } =
        new(StatusCodes.Status404NotFound, "noticesNotKept", "Order notices are not kept. /v1/stream sends them as they arrive.");

    public static Problem NotRegistered { get; } = new(
        StatusCodes.Status404NotFound, "notRegistered", "This key is not registered now, and this endpoint does not register keys. "
            + "Use /v1/stream?subscribe=FEED:KEY&snapshot=1 to register it and receive its records.");

    public static Problem NothingYet { get; } =
        new(StatusCodes.Status404NotFound, "nothingYet", "The key is registered, but no record has arrived yet.");

    public Task AnswerAsync(HttpContext context, Account account)
    {
        var query = new QueryReader(context.Request.Query);
        var names = NamesParameter.Read(query);
        if (query.Problem is { } problem)
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, problem);
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out var feed))
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, FeedPages.UnknownFeed);
        if (!account.MayRegister(feed))
            return gate.RefuseAsync(context, AccessRefusalReason.Rights, NoRight);
        if (feed.IsNotice)
            return NoticesNotKept.WriteAsync(context);
        var key = feed.CompleteKey((string)path["key"]!);
        if (frames.Find(new HubKey(feed.TrId, key)) is not { } last)
            return NotRegistered.WriteAsync(context);
        if (last.Frame is not { } frame)
            return NothingYet.WriteAsync(context);
        return Write(feed, key, frame, last.Interruption, names, out var error) is { } body
            ? WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, body)
            : new Problem(StatusCodes.Status502BadGateway, "unreadable", $"The last record of this key cannot be read: {error}.")
                .WriteAsync(context);
    }

    // Returns null if the record cannot be read.
    private static ReadOnlyMemory<byte>? Write(
        FeedSchema feed, string key, in Frame frame, Interruption? interrupted, NameStyle names, out FrameError error)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions with { Indented = true }))
        {
            json.WriteStartObject();
            if (!ItemJson.TryWriteFirstRecord(json, feed, key, frame, names, out error))
                return null;
            if (interrupted is { } interruption)
                ItemJson.WriteInterruption(json, feed, key, interruption, names);
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
