using System.Text.Json;
using KisFeed.Capture.Inspection;

namespace KisFeed.Cli.Captures;

/// <summary>Writes the report of a capture as JSON.</summary>
internal static class InspectionJson
{
    public static void Write(Utf8JsonWriter json, CaptureReport report)
    {
        var notices = report.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId).ToHashSet(StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteBoolean("sound"u8, report.IsSound);
        json.WriteNumber("malformed"u8, report.Malformed);
        json.WriteNumber("problemCount"u8, report.ProblemCount);
        json.WriteNumber("gapCount"u8, report.GapCount);
        json.WriteObjects("files", report.Files, file => WriteFile(json, file));
        json.WriteObjects("skipped", report.Skipped, skipped =>
        {
            json.WriteString("path"u8, skipped.Path);
            json.WriteString("reason"u8, skipped.Reason);
        });
        json.WriteObjects("feeds", report.Feeds, feed => WriteFeed(json, feed));
        json.WriteObjects("gaps", report.Gaps, gap => WriteGap(json, gap, notices.Contains(gap.TrId)));
        json.WriteStartObject("events"u8);
        foreach (var (name, count) in report.Events)
            json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteObjects("problems", report.Problems, problem =>
        {
            json.WriteString("kind"u8, JsonName.Of(problem.Kind));
            json.WriteString("problem"u8, problem.Message);
            json.WriteString("file"u8, problem.Path);
            json.WriteNumberOrNull("line", problem.Line);
            json.WriteNumberOrNull("offset", problem.Offset);
        });
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, FileReport file)
    {
        json.WriteString("path"u8, file.File.Path);
        json.WriteString("form"u8, JsonName.Of(file.File.Format));
        json.WriteString("feed"u8, file.File.TrId);
        json.WriteNumber("bytes"u8, file.File.Length);
        json.WriteNumber("frames"u8, file.Frames);
        json.WriteUtc("first", file.File.FirstAt);
        json.WriteUtc("last", file.LastAt);
        json.WriteString("integrity"u8, JsonName.Of(file.Integrity));
        json.WriteBoolean("closed"u8, file.File.IsClosed);
        json.WriteBoolean("beingWritten"u8, file.IsBeingWritten);
    }

    private static void WriteFeed(Utf8JsonWriter json, FeedReport feed)
    {
        json.WriteString("feed"u8, feed.TrId);
        json.WriteBoolean("known"u8, !feed.IsUnknown);
        json.WriteNumber("frames"u8, feed.Frames);
        json.WriteNumber("records"u8, feed.Records);
        json.WriteNumber("malformed"u8, feed.Malformed);
        json.WriteNumber("unfollowedRecords"u8, feed.UnfollowedRecords);
        json.WriteNumber("widerThanKnown"u8, feed.WiderThanKnown);
        json.WriteUtc("first", feed.FirstAt);
        json.WriteUtc("last", feed.LastAt);
        json.WriteNumber("meanRate"u8, Math.Round(feed.MeanRate, 3));
        json.WriteNumber("busiestFrames"u8, feed.BusiestFrames);
        json.WriteUtc("busiest", feed.BusiestAt);
        json.WriteNumber("secondsWithFrames"u8, feed.SecondsWithFrames);
        json.WriteObjects("keys", feed.Keys, key =>
        {
            json.WriteString("key"u8, ReportKeyText.Of(feed.IsNotice, key.Key));
            json.WriteNumber("records"u8, key.Records);
            json.WriteUtc("first", key.FirstAt);
            json.WriteUtc("last", key.LastAt);
            json.WriteNumber("gaps"u8, key.Gaps);
            json.WriteNumberOrNull("missedVolume", key.MissedVolume);
        });
    }

    private static void WriteGap(Utf8JsonWriter json, GapReport gap, bool isNotice)
    {
        json.WriteString("feed"u8, gap.TrId);
        json.WriteString("key"u8, ReportKeyText.Of(isNotice, gap.Key));
        json.WriteUtc("from", gap.Gap.From);
        json.WriteUtc("to", gap.Gap.To);
        if (gap.Duration is { } duration)
            json.WriteNumber("seconds"u8, duration.TotalSeconds);
        else
            json.WriteNull("seconds"u8);
        json.WriteString("reason"u8, JsonName.Of(gap.Gap.Reason));
        json.WriteNumberOrNull("frames", gap.Gap.Frames);
        json.WriteNumberOrNull("missedVolume", gap.Gap.MissedVolume);
    }
}

/// <summary>Keys in reports: HTS IDs, the keys of order notices, are masked.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
