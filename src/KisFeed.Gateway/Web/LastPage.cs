using System.Buffers;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/v1/last/{feed}/{key}</c>: the last record of a key that somebody has registered, at once. Registers nothing. The record is what <c>kisfeed watch --format json</c> writes; where newer ones may
/// be missing that stands behind it, as <c>interruption</c>.
/// </summary>
internal sealed class LastPage(FeedCatalog catalog, LastFrames frames, WebGate gate)
{
    private static readonly Problem s_badNames = QueryParameters.Unusable(NamesParameter.Name, $"it is {NamesParameter.Values}, and may be given once");

    public static Problem NoRight { get; } = new(StatusCodes.Status403Forbidden, "feedNotAllowed", "This consumer has no right to this feed. Whoever runs the gateway can give it.");

    public static Problem NoticesNotKept { get; } = new(StatusCodes.Status404NotFound, "noticesNotKept", "Order notices are not kept. /v1/stream brings them as they come.");

    public static Problem NotRegistered { get; } = new(
        StatusCodes.Status404NotFound, "notRegistered", "Nobody is registered for this key now, and this page registers nothing. /v1/stream?subscribe=FEED:KEY&snapshot=1 does, and then brings what comes.");

    public static Problem NothingYet { get; } = new(StatusCodes.Status404NotFound, "nothingYet", "The key is registered, and nothing has come for it yet.");

    public Task AnswerAsync(HttpContext context, Account account)
    {
        if (!TryReadNames(context.Request.Query, out var names))
            return gate.RefuseAsync(context, RefusalReason.Malformed, s_badNames);
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out var feed))
            return gate.RefuseAsync(context, RefusalReason.Malformed, FeedPages.UnknownFeed((string)path["feed"]!));
        if (!account.MayRegister(feed))
            return gate.RefuseAsync(context, RefusalReason.Rights, NoRight);
        if (feed.IsNotice)
            return NoticesNotKept.WriteAsync(context);
        var key = (string)path["key"]!;
        if (frames.Find(new HubKey(feed.TrId, key)) is not { } last)
            return NotRegistered.WriteAsync(context);
        if (last.ReceivedAt is not { } receivedAt)
            return NothingYet.WriteAsync(context);
        return Write(feed, key, last, receivedAt, names, out var error) is { } body
            ? WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, body)
            : new Problem(StatusCodes.Status502BadGateway, "unreadable", $"The last record of this key cannot be read: {error}.").WriteAsync(context);
    }

    private static bool TryReadNames(IQueryCollection query, out NameStyle names)
    {
        names = NameStyle.English;
        return !query.TryGetValue(NamesParameter.Name, out var values) || (values is [{ } value] && NamesParameter.TryParse(value, out names));
    }

    // Nothing where the record cannot be read.
    private static ReadOnlyMemory<byte>? Write(FeedSchema feed, string key, LastFrame last, DateTimeOffset receivedAt, NameStyle names, out FrameError error)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions with { Indented = true }))
        {
            json.WriteStartObject();
            if (!ItemJson.TryWriteFirstRecord(json, feed, key, last.Bytes.Span, receivedAt, names, out error))
                return null;
            if (last.Interruption is { } interruption)
                ItemJson.WriteInterruption(json, feed, key, interruption, names);
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
