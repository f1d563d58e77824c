using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Streaming;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/history/{feed}/{key}</c>: the current day of a key that is or was registered: its minutes, and where data are missing. Registers nothing.
/// </summary>
internal sealed class HistoryPage(FeedCatalog catalog, IntradayHistory days, RecordedDays? recorded, Func<HubKey, bool> isRegistered, WebGate gate)
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
        await (isKnown || isRegistered(hubKey) ? WebAnswer.WriteJsonAsync(context, json => Write(json, feed, key, day), isIndented: false) : LastPage.NotRegistered.WriteAsync(context)).ConfigureAwait(false);
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

/// <summary><c>/v1/days</c>: the recorded days. <c>/v1/days/{date}</c>: one of them: the minutes, gaps and last records of keys. Registers nothing.</summary>
internal sealed class DaysPage(RecordedDays? recorded, StreamTargets targets, WebGate gate)
{
    /// <summary>The parameter with the keys.</summary>
    public const string KeysParameter = "subscribe";

    private const string DateFormat = "yyyy-MM-dd";

    private static readonly Problem s_notRecording = new(
        StatusCodes.Status404NotFound, "noHistory", "This gateway does not record, so it has no recorded days. Its operator can start it with --record DIR.");

    private static readonly Problem s_badDate = new(StatusCodes.Status400BadRequest, "badDate", "The path must end with a date, as in /v1/days/2026-11-20.");

    private static readonly Problem s_notices = new(StatusCodes.Status400BadRequest, "noticesNotKept", "Order notices have no minutes. /v1/records has those that were recorded.");

    private static readonly Problem s_badKeys = QueryParameters.Unusable(KeysParameter, string.Create(CultureInfo.InvariantCulture, $"it must have 1 to {RecordedDays.MaxKeys} keys, as in {KeysParameter}=index:0001,index:1001"));

    public async Task AnswerAllAsync(HttpContext context, Account account)
    {
        if (recorded is null)
        {
            await s_notRecording.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var days = await recorded.RecordedAsync(context.RequestAborted).ConfigureAwait(false);
        await WebAnswer.WriteJsonAsync(context, json => WriteAll(json, recorded.Today, days)).ConfigureAwait(false);
    }

    public async Task AnswerOneAsync(HttpContext context, Account account)
    {
        var (keys, problem) = targets.Parse(context.Request.Query[KeysParameter]);
        keys = [.. keys.Distinct()];
        if (recorded is null)
            problem = s_notRecording;
        else if (!DateOnly.TryParseExact((string)context.Request.RouteValues["date"]!, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            problem = s_badDate;
        else if (problem is null && keys.Count is 0 or > RecordedDays.MaxKeys)
            problem = s_badKeys;
        else if (problem is null && keys.Any(key => key.Feed.IsNotice))
            problem = s_notices;
        if (problem is not null)
        {
            await gate.RefuseAsync(context, AccessRefusalReason.Malformed, problem).ConfigureAwait(false);
            return;
        }

        if (keys.Any(key => !account.MayRegister(key.Feed, key.Key)))
        {
            await gate.RefuseAsync(context, AccessRefusalReason.Rights, LastPage.NoRight).ConfigureAwait(false);
            return;
        }

        try
        {
            var date = DateOnly.ParseExact((string)context.Request.RouteValues["date"]!, DateFormat, CultureInfo.InvariantCulture);
            await AnswerDayAsync(context, recorded!, date, keys).ConfigureAwait(false);
        }
        catch (CaptureArchiveException e)
        {
            await PastTime.Unavailable(e).WriteAsync(context).ConfigureAwait(false);
        }
    }

    private static async Task AnswerDayAsync(HttpContext context, RecordedDays recorded, DateOnly date, IReadOnlyList<StreamTarget> keys)
    {
        if (!await recorded.IsRecordedAsync(date, context.RequestAborted).ConfigureAwait(false))
        {
            await new Problem(StatusCodes.Status404NotFound, "dayNotRecorded", $"Nothing was recorded on {Text(date)}. /v1/days lists the recorded days.").WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var (days, _) = await recorded.ReadAsync(date, [.. keys.Select(key => (key.Feed, key.Key, (DateTimeOffset?)null))], isContinued: false, context.RequestAborted).ConfigureAwait(false);
        await WebAnswer.WriteJsonAsync(context, json => Write(json, date, days), isIndented: false).ConfigureAwait(false);
    }

    private static void WriteAll(Utf8JsonWriter json, DateOnly today, IReadOnlyList<DateOnly> days)
    {
        json.WriteStartObject();
        json.WriteString("today"u8, Text(today));
        json.WriteStartArray("days"u8);
        foreach (var day in days)
            json.WriteStringValue(Text(day));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DateOnly date, IReadOnlyList<RecordedDay> days)
    {
        json.WriteStartObject();
        json.WriteString("date"u8, Text(date));
        json.WriteStartArray("keys"u8);
        foreach (var day in days)
        {
            json.WriteStartObject();
            DayJson.Write(json, day.Key.Feed, day.Key.Key, day.Day);
            json.WriteNumber("records"u8, day.Records);
            if (day.Last is { } last)
                WriteRecord(json, day.Key.Feed, day.Key.Key, last.Frame, last.Shape, last.ReceivedAt);
            else
                json.WriteNull("last"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter json, FeedSchema feed, string key, byte[] bytes, FrameShape shape, DateTimeOffset receivedAt)
    {
        _ = DataFrame.TryParse(bytes, out var frame, out _);
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        _ = reader.MoveNext();
        json.WriteStartObject("last"u8);
        ItemJson.WriteRecord(json, feed, key, receivedAt, reader.Current, NameStyle.English);
        json.WriteEndObject();
    }

    private static string Text(DateOnly date) => date.ToString(DateFormat, CultureInfo.InvariantCulture);
}

/// <summary>Writes the day of a key as JSON.</summary>
internal static class DayJson
{
    /// <summary>Writes the members of a day.</summary>
    public static void Write(Utf8JsonWriter json, FeedSchema feed, string key, Day? day)
    {
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
