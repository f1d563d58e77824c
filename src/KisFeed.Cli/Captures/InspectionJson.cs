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
            Sound: report.IsSound,
            report.Malformed,
            report.ProblemCount,
            report.GapCount,
            Files: report.Files.Select(file => new InspectedFileJson(
                file.File.Path,
                Form: file.File.Format,
                Feed: file.File.TrId,
                Bytes: file.File.Length,
                file.Frames,
                First: file.File.FirstAt,
                Last: file.LastAt,
                file.Integrity,
                Closed: file.File.IsClosed,
                BeingWritten: file.IsBeingWritten)),
            report.Skipped,
            Feeds: report.Feeds.Select(Of),
            Gaps: report.Gaps.Select(gap => new InspectedGapJson(
                Feed: gap.TrId,
                Key: ReportKeyText.Of(notices.Contains(gap.TrId), gap.Key),
                gap.Gap.From,
                gap.Gap.To,
                Seconds: gap.Duration?.TotalSeconds,
                gap.Gap.Reason,
                gap.Gap.Frames,
                gap.Gap.MissedVolume)),
            report.Events,
            Problems: report.Problems.Select(problem => new InspectedProblemJson(
                problem.Kind,
                Problem: problem.Message,
                File: problem.Path,
                problem.Line,
                problem.Offset)));
    }

    private static InspectedFeedJson Of(FeedReport feed) => new(
        Feed: feed.TrId,
        Known: !feed.IsUnknown,
        feed.Frames,
        feed.Records,
        feed.Malformed,
        feed.UnfollowedRecords,
        feed.WiderThanKnown,
        First: feed.FirstAt,
        Last: feed.LastAt,
        MeanRate: Math.Round(feed.MeanRate, 3),
        feed.BusiestFrames,
        Busiest: feed.BusiestAt,
        feed.SecondsWithFrames,
        Keys: feed.Keys.Select(key => new InspectedKeyJson(
            Key: ReportKeyText.Of(feed.IsNotice, key.Key),
            key.Records,
            First: key.FirstAt,
            Last: key.LastAt,
            key.Gaps,
            key.MissedVolume)));
}

internal sealed record InspectedFileJson(
    string Path, CaptureFileFormat Form, string? Feed, long Bytes, long Frames, DateTimeOffset? First, DateTimeOffset? Last,
    FileIntegrity Integrity, bool Closed, bool BeingWritten);

internal sealed record InspectedGapJson(
    string Feed, string Key, DateTimeOffset? From, DateTimeOffset? To, double? Seconds, GapReason Reason, long? Frames, long? MissedVolume);

internal sealed record InspectedProblemJson(CaptureProblemKind Kind, string Problem, string File, long? Line, long? Offset);

internal sealed record InspectedFeedJson(
    string Feed, bool Known, long Frames, long Records, long Malformed, long UnfollowedRecords, long WiderThanKnown, DateTimeOffset? First,
    DateTimeOffset? Last, double MeanRate, long BusiestFrames, DateTimeOffset? Busiest, long SecondsWithFrames,
    IEnumerable<InspectedKeyJson> Keys);

internal sealed record InspectedKeyJson(
    string Key, long Records, DateTimeOffset? First, DateTimeOffset? Last, long Gaps, long? MissedVolume);

/// <summary>Keys in reports: HTS IDs, the keys of order notices, are masked.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
