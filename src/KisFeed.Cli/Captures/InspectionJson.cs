using KisFeed.Capture.Inspection;

namespace KisFeed.Cli.Captures;

/// <summary>The report of a capture as JSON.</summary>
internal static class InspectionJson
{
    public static object Of(CaptureReport report)
    {
        var notices = report.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId).ToHashSet(StringComparer.Ordinal);
        return new
        {
            Sound = report.IsSound,
            report.Malformed,
            report.ProblemCount,
            report.GapCount,
            Files = report.Files.Select(file => new
            {
                file.File.Path,
                Form = file.File.Format,
                Feed = file.File.TrId,
                Bytes = file.File.Length,
                file.Frames,
                First = file.File.FirstAt,
                Last = file.LastAt,
                file.Integrity,
                Closed = file.File.IsClosed,
                BeingWritten = file.IsBeingWritten,
            }),
            Skipped = report.Skipped.Select(skipped => new { skipped.Path, skipped.Reason }),
            Feeds = report.Feeds.Select(Of),
            Gaps = report.Gaps.Select(gap => new
            {
                Feed = gap.TrId,
                Key = ReportKeyText.Of(notices.Contains(gap.TrId), gap.Key),
                gap.Gap.From,
                gap.Gap.To,
                Seconds = gap.Duration?.TotalSeconds,
                gap.Gap.Reason,
                gap.Gap.Frames,
                gap.Gap.MissedVolume,
            }),
            report.Events,
            Problems = report.Problems.Select(problem => new
            {
                problem.Kind,
                Problem = problem.Message,
                File = problem.Path,
                problem.Line,
                problem.Offset,
            }),
        };
    }

    private static object Of(FeedReport feed) => new
    {
        Feed = feed.TrId,
        Known = !feed.IsUnknown,
        feed.Frames,
        feed.Records,
        feed.Malformed,
        feed.UnfollowedRecords,
        feed.WiderThanKnown,
        First = feed.FirstAt,
        Last = feed.LastAt,
        MeanRate = Math.Round(feed.MeanRate, 3),
        feed.BusiestFrames,
        Busiest = feed.BusiestAt,
        feed.SecondsWithFrames,
        Keys = feed.Keys.Select(key => new
        {
            Key = ReportKeyText.Of(feed.IsNotice, key.Key),
            key.Records,
            First = key.FirstAt,
            Last = key.LastAt,
            key.Gaps,
            key.MissedVolume,
        }),
    };
}

/// <summary>Keys in reports: HTS IDs, the keys of order notices, are masked.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
