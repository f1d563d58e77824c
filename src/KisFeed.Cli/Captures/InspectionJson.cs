using System.Text.Json.Serialization;
using KisFeed.Capture;
using KisFeed.Capture.Inspection;

namespace KisFeed.Cli.Captures;

/// <summary>The report of a capture as JSON.</summary>
internal sealed record InspectionJson(
    bool Sound, long Malformed, long ProblemCount, long GapCount, IEnumerable<InspectedFileJson> Files, IEnumerable<SkippedPath> Skipped,
    IEnumerable<InspectedFeedJson> Feeds, IEnumerable<InspectedGapJson> Gaps, IReadOnlyDictionary<string, long> Events,
    IEnumerable<InspectedProblemJson> Problems)
{
    public static InspectionJson Of(CaptureReport report)
    {
        var notices = report.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId).ToHashSet(StringComparer.Ordinal);
        return new InspectionJson(
            report.IsSound,
            report.Malformed,
            report.ProblemCount,
            report.GapCount,
            report.Files.Select(file => new InspectedFileJson(
                file.File.Path, JsonName.Of(file.File.Format), file.File.TrId, file.File.Length, file.Frames, file.File.FirstAt,
                file.LastAt, JsonName.Of(file.Integrity), file.File.IsClosed, file.IsBeingWritten)),
            report.Skipped,
            report.Feeds.Select(feed => new InspectedFeedJson(
                feed.TrId, !feed.IsUnknown, feed.Frames, feed.Records, feed.Malformed, feed.UnfollowedRecords, feed.WiderThanKnown,
                feed.FirstAt, feed.LastAt, Math.Round(feed.MeanRate, 3), feed.BusiestFrames, feed.BusiestAt, feed.SecondsWithFrames,
                feed.Keys.Select(key => new InspectedKeyJson(
                    ReportKeyText.Of(feed.IsNotice, key.Key), key.Records, key.FirstAt, key.LastAt, key.Gaps, key.MissedVolume)))),
            report.Gaps.Select(gap => new InspectedGapJson(
                gap.TrId, ReportKeyText.Of(notices.Contains(gap.TrId), gap.Key), gap.Gap.From, gap.Gap.To, gap.Duration?.TotalSeconds,
                JsonName.Of(gap.Gap.Reason), gap.Gap.Frames, gap.Gap.MissedVolume)),
            report.Events,
            report.Problems.Select(problem => new InspectedProblemJson(
                JsonName.Of(problem.Kind), problem.Message, problem.Path, problem.Line, problem.Offset)));
    }
}

internal sealed record InspectedFileJson(
    string Path, string Form, string? Feed, long Bytes, long Frames, DateTimeOffset? First, DateTimeOffset? Last,
    string Integrity, bool Closed, bool BeingWritten);

internal sealed record InspectedGapJson(
    string Feed, string Key, DateTimeOffset? From, DateTimeOffset? To, double? Seconds, string Reason, long? Frames, long? MissedVolume);

internal sealed record InspectedProblemJson(string Kind, string Problem, string File, long? Line, long? Offset);

internal sealed record InspectedFeedJson(
    string Feed, bool Known, long Frames, long Records, long Malformed, long UnfollowedRecords, long WiderThanKnown, DateTimeOffset? First,
    DateTimeOffset? Last, double MeanRate, long BusiestFrames, DateTimeOffset? Busiest, long SecondsWithFrames,
    IEnumerable<InspectedKeyJson> Keys);

internal sealed record InspectedKeyJson(
    string Key, long Records, DateTimeOffset? First, DateTimeOffset? Last, long Gaps, long? MissedVolume);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(UtcConverter)])]
[JsonSerializable(typeof(BarJson))]
[JsonSerializable(typeof(InspectionJson))]
internal sealed partial class CapturesJson : JsonSerializerContext;

/// <summary>Keys in reports: HTS IDs, the keys of order notices, are masked.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
