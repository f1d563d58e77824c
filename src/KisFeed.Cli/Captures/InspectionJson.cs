using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Capture.Inspection;

namespace KisFeed.Cli.Captures;

/// <summary>Writes the report of a capture as JSON.</summary>
internal static class InspectionJson
{
    public static void Write(Utf8JsonWriter json, CaptureReport report)
    {
        json.WriteStartObject();
        json.WriteBoolean("sound"u8, report.IsSound);
        json.WriteNumber("malformed"u8, report.Malformed);
        json.WriteNumber("problemCount"u8, report.ProblemCount);
        json.WriteNumber("gapCount"u8, report.GapCount);
        json.WriteStartArray("files"u8);
        foreach (var file in report.Files)
            WriteFile(json, file);
        json.WriteEndArray();
        json.WriteStartArray("skipped"u8);
        foreach (var skipped in report.Skipped)
        {
            json.WriteStartObject();
            json.WriteString("path"u8, skipped.Path);
            json.WriteString("reason"u8, skipped.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("feeds"u8);
        foreach (var feed in report.Feeds)
            WriteFeed(json, feed);
        json.WriteEndArray();
        json.WriteStartArray("gaps"u8);
        var notices = report.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId).ToHashSet(StringComparer.Ordinal);
        foreach (var gap in report.Gaps)
            WriteGap(json, gap, notices.Contains(gap.TrId));
        json.WriteEndArray();
        json.WriteStartObject("events"u8);
        foreach (var (name, count) in report.Events)
            json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteStartArray("problems"u8);
        foreach (var problem in report.Problems)
            WriteProblem(json, problem);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, FileReport file)
    {
        json.WriteStartObject();
        json.WriteString("path"u8, file.File.Path);
        json.WriteString("form"u8, JsonName.Of(file.File.Format));
        json.WriteString("feed"u8, file.File.TrId);
        json.WriteNumber("bytes"u8, file.File.Length);
        json.WriteNumber("frames"u8, file.Frames);
        WriteTime(json, "first"u8, file.File.FirstAt);
        WriteTime(json, "last"u8, file.LastAt);
        json.WriteString("integrity"u8, JsonName.Of(file.Integrity));
        json.WriteBoolean("closed"u8, file.File.IsClosed);
        json.WriteBoolean("beingWritten"u8, file.IsBeingWritten);
        json.WriteEndObject();
    }

    private static void WriteFeed(Utf8JsonWriter json, FeedReport feed)
    {
        json.WriteStartObject();
        json.WriteString("feed"u8, feed.TrId);
        json.WriteBoolean("known"u8, !feed.IsUnknown);
        json.WriteNumber("frames"u8, feed.Frames);
        json.WriteNumber("records"u8, feed.Records);
        json.WriteNumber("malformed"u8, feed.Malformed);
        json.WriteNumber("unfollowedRecords"u8, feed.UnfollowedRecords);
        json.WriteNumber("widerThanKnown"u8, feed.WiderThanKnown);
        WriteTime(json, "first"u8, feed.FirstAt);
        WriteTime(json, "last"u8, feed.LastAt);
        json.WriteNumber("meanRate"u8, Math.Round(feed.MeanRate, 3));
        json.WriteNumber("busiestFrames"u8, feed.BusiestFrames);
        WriteTime(json, "busiest"u8, feed.BusiestAt);
        json.WriteNumber("secondsWithFrames"u8, feed.SecondsWithFrames);
        json.WriteStartArray("keys"u8);
        foreach (var key in feed.Keys)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, ReportKeyText.Of(feed.IsNotice, key.Key));
            json.WriteNumber("records"u8, key.Records);
            WriteTime(json, "first"u8, key.FirstAt);
            WriteTime(json, "last"u8, key.LastAt);
            json.WriteNumber("gaps"u8, key.Gaps);
            WriteNumber(json, "missedVolume"u8, key.MissedVolume);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteGap(Utf8JsonWriter json, GapReport gap, bool isNotice)
    {
        json.WriteStartObject();
        json.WriteString("feed"u8, gap.TrId);
        json.WriteString("key"u8, ReportKeyText.Of(isNotice, gap.Key));
        WriteTime(json, "from"u8, gap.Gap.From);
        WriteTime(json, "to"u8, gap.Gap.To);
        if (gap.Duration is { } duration)
            json.WriteNumber("seconds"u8, duration.TotalSeconds);
        else
            json.WriteNull("seconds"u8);
        json.WriteString("reason"u8, JsonName.Of(gap.Gap.Reason));
        WriteNumber(json, "frames"u8, gap.Gap.Frames);
        WriteNumber(json, "missedVolume"u8, gap.Gap.MissedVolume);
        json.WriteEndObject();
    }

    private static void WriteProblem(Utf8JsonWriter json, CaptureProblem problem)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, JsonName.Of(problem.Kind));
        json.WriteString("problem"u8, problem.Message);
        json.WriteString("file"u8, problem.Path);
        WriteNumber(json, "line"u8, problem.Line);
        WriteNumber(json, "offset"u8, problem.Offset);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at)
    {
        if (at is { } moment)
            json.WriteString(name, TimeText.Utc(moment));
        else
            json.WriteNull(name);
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}

/// <summary>Keys in reports: HTS IDs, the keys of order notices, are masked.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
