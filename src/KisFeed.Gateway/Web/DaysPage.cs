using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Streaming;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/days</c>: the recorded days. <c>/v1/days/{date}</c>: one of them: the minutes, gaps and last records of keys. Registers nothing.
/// </summary>
internal sealed class DaysPage(RecordedDays? recorded, StreamTargets targets, AuditTrail audit)
{
    public const string KeysParameter = "subscribe";

    private const string DateFormat = "yyyy-MM-dd";

    private static readonly Problem s_notRecording = new(
        StatusCodes.Status404NotFound, "noHistory",
        "This gateway does not record, so it has no recorded days. Its operator can start it with --record DIR.");

    private static readonly Problem s_badDate = Problem.Malformed(
        "badDate", "The path must end with a date, as in /v1/days/2026-11-20.");

    private static readonly Problem s_notices = Problem.Malformed(
        "noticesNotKept", "Order notices have no minutes. /v1/records has those that were recorded.");

    private static readonly Problem s_badKeys = QueryParameters.Unusable(
        KeysParameter,
        string.Create(
            CultureInfo.InvariantCulture, $"it must have 1 to {RecordedDays.MaxKeys} keys, as in {KeysParameter}=index:0001,index:1001"));

    public async Task<IResult> AnswerAllAsync(HttpContext context, Account account)
    {
        if (recorded is null)
            return s_notRecording;
        var days = await recorded.RecordedAsync(context.RequestAborted).ConfigureAwait(false);
        return WebAnswer.Json(json => WriteAll(json, recorded.Today, days));
    }

    public async Task<IResult> AnswerOneAsync(HttpContext context, Account account)
    {
        var (keys, problem) = targets.Parse(context.Request.Query[KeysParameter]);
        keys = [.. keys.Distinct()];
        if (recorded is null)
            return s_notRecording;
        if (!DateOnly.TryParseExact(
            (string)context.Request.RouteValues["date"]!, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return s_badDate;
        }

        if (problem is null && keys.Count is 0 or > RecordedDays.MaxKeys)
            problem = s_badKeys;
        else if (keys.Any(key => key.Feed.IsNotice))
            problem ??= s_notices;
        problem ??= StreamTargets.ProblemOf(keys, account, audit, context.Connection.RemoteIpAddress);
        if (problem is not null)
            return problem;
        try
        {
            return await AnswerDayAsync(recorded, date, keys, context.RequestAborted).ConfigureAwait(false);
        }
        catch (CaptureArchiveException e)
        {
            return PastTime.Unavailable(e);
        }
    }

    private static async Task<IResult> AnswerDayAsync(
        RecordedDays recorded, DateOnly date, IReadOnlyList<StreamTarget> keys, CancellationToken cancellationToken)
    {
        if (!await recorded.IsRecordedAsync(date, cancellationToken).ConfigureAwait(false))
        {
            return new Problem(
                StatusCodes.Status404NotFound, "dayNotRecorded",
                $"Nothing was recorded on {Text(date)}. /v1/days lists the recorded days.");
        }

        var (days, _) = await recorded.ReadAsync(
            date, [.. keys.Select(key => (key.Feed, key.Key, (DateTimeOffset?)null))], isContinued: false, cancellationToken)
            .ConfigureAwait(false);
        return WebAnswer.Json(json => Write(json, date, days), isIndented: false);
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

    private static void WriteRecord(
        Utf8JsonWriter json, FeedSchema feed, string key, byte[] bytes, FrameShape shape, DateTimeOffset receivedAt)
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
