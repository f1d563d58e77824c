using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary><c>/v1/feeds</c>: all feeds. <c>/v1/feeds/{feed}</c>: one feed with its columns.</summary>
internal sealed class FeedPages(FeedCatalog catalog, WebGate gate)
{
    public static Problem UnknownFeed { get; } = new(StatusCodes.Status404NotFound, "unknownFeed", "There is no feed with this TR ID or alias. /v1/feeds lists all feeds.");

    public Task AnswerAllAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, catalog.Feeds));

    public Task AnswerOneAsync(HttpContext context, Account account) => AnswerOneAsync(context, (string)context.Request.RouteValues["feed"]!);

    private Task AnswerOneAsync(HttpContext context, string name) => catalog.TryFind(name, out var feed)
        ? WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, feed))
        : gate.RefuseAsync(context, AccessRefusalReason.Malformed, UnknownFeed);
}

/// <summary>
/// <c>/v1/last/{feed}/{key}</c>: the last record of a registered key. Registers nothing. The record has the form of <c>kisfeed watch --format
/// json</c>; if newer records may be missing, it has a member <c>interruption</c>.
/// </summary>
internal sealed class LastPage(FeedCatalog catalog, LastFrames frames, WebGate gate)
{
    private static readonly Problem s_badNames = QueryParameters.Unusable(NamesParameter.Name, $"it must be {NamesParameter.Values}, and may be given only once");

    public static Problem NoRight { get; } = new(StatusCodes.Status403Forbidden, "feedNotAllowed", "This consumer has no right to this feed. The operator of the gateway can grant it.");

    public static Problem NoticesNotKept { get; } = new(StatusCodes.Status404NotFound, "noticesNotKept", "Order notices are not kept. /v1/stream sends them as they arrive.");

    public static Problem NotRegistered { get; } = new(
        StatusCodes.Status404NotFound, "notRegistered", "This key is not registered now, and this endpoint does not register keys. Use /v1/stream?subscribe=FEED:KEY&snapshot=1 to register it and receive its records.");

    public static Problem NothingYet { get; } = new(StatusCodes.Status404NotFound, "nothingYet", "The key is registered, but no record has arrived yet.");

    public Task AnswerAsync(HttpContext context, Account account)
    {
        if (!TryReadNames(context.Request.Query, out var names))
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, s_badNames);
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

    // Returns null if the record cannot be read.
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

/// <summary>
/// <c>/v1/history/{feed}/{key}</c>: the day of a key that is or was registered: its minutes, and where data are missing. Registers nothing.
/// </summary>
/// <param name="catalog">The feeds.</param>
/// <param name="days">The days of the keys.</param>
/// <param name="isRegistered">Whether a key is registered upstream, which <paramref name="days"/> may not know yet.</param>
/// <param name="gate">Counts refusals.</param>
internal sealed class HistoryPage(FeedCatalog catalog, IntradayHistory days, Func<HubKey, bool> isRegistered, WebGate gate)
{
    public Task AnswerAsync(HttpContext context, Account account)
    {
        var path = context.Request.RouteValues;
        if (!catalog.TryFind((string)path["feed"]!, out var feed))
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, FeedPages.UnknownFeed);
        if (!account.MayRegister(feed))
            return gate.RefuseAsync(context, AccessRefusalReason.Rights, LastPage.NoRight);
        if (feed.IsNotice)
            return LastPage.NoticesNotKept.WriteAsync(context);
        var key = feed.CompleteKey((string)path["key"]!);
        var hubKey = new HubKey(feed.TrId, key);
        var day = days.Find(hubKey, out var isKnown);
        return isKnown || isRegistered(hubKey) ? WebAnswer.WriteJsonAsync(context, json => Write(json, feed, key, day), isIndented: false) : LastPage.NotRegistered.WriteAsync(context);
    }

    private static void Write(Utf8JsonWriter json, FeedSchema feed, string key, Day? day)
    {
        json.WriteStartObject();
        ItemJson.WriteTarget(json, feed.TrId, key, NameStyle.English);
        json.WriteString("date"u8, day?.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteStartObject("series"u8);
        foreach (var (name, bars) in day?.Series ?? [])
        {
            json.WriteStartArray(name);
            foreach (var bar in bars)
                WriteBar(json, bar, new DateTimeOffset(day!.Date, default, KoreaTime.Offset));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("gaps"u8);
        foreach (var gap in day?.Gaps ?? [])
        {
            json.WriteStartObject();
            ItemJson.WriteTime(json, "from"u8, gap.From);
            ItemJson.WriteTime(json, "to"u8, gap.To);
            json.WriteString("reason"u8, gap.Reason);
            WriteValues(json, "before"u8, day!.Series, gap.Before);
            WriteValues(json, "after"u8, day.Series, gap.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> series, ImmutableArray<decimal?> values)
    {
        json.WriteStartObject(name);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                json.WriteNumber(series[i].Name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteBar(Utf8JsonWriter json, in DayBar bar, DateTimeOffset midnight)
    {
        json.WriteStartObject();
        json.WriteString("start"u8, midnight.AddMinutes(bar.Minute));
        json.WriteNumber("open"u8, bar.Open);
        json.WriteNumber("high"u8, bar.High);
        json.WriteNumber("low"u8, bar.Low);
        json.WriteNumber("close"u8, bar.Close);
        json.WriteNumber("records"u8, bar.Records);
        json.WriteEndObject();
    }
}
