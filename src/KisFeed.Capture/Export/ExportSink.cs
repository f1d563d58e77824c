using System.Text;
using System.Text.Unicode;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>Passes the content of a capture to the writers, and counts it.</summary>
internal sealed class ExportSink(
    ExportTarget target, ExportOptions options, RecordFilter filter, ExportCounts counts, Action<FeedSchema, FrameShape>? unknownWidth)
    : ICaptureSink
{
    // Only a forged file has more.
    private const int MaxWidths = 1000;

    private readonly FrameNumbers _frames = new();
    private readonly HashSet<(string, int)> _widths = [];

    public bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key) => filter.Matches(key);

    public void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        counts.Records++;
        counts.AddRecord(feed, fields);
        filter.MarkFound(feed, key);
        target.WriterOf(feed).WriteRecord(feed, key, _frames.Current, fields, receivedAt);
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt) =>
        OnRecord(feed, key, fields, receivedAt);

    public void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        if (!Accepts(feed, key))
            return;
        if (!Utf8.IsValid(key))
            key = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(key));
        counts.Gaps++;
        target.WriteGap(feed, key, gap);
        target.WriterOf(feed).WriteGap(feed, key, gap);
    }

    public void OnMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        counts.Malformed++;
        foreach (var writer in target.WritersFor(feed?.TrId))
            writer.WriteMalformed(feed, key, receivedAt, error, raw);
    }

    public void OnEvent(CaptureEvent captureEvent)
    {
        if (captureEvent.Kind != CaptureEventKind.Interrupted
            || (captureEvent.Key is { } key && options.Keys.Count > 0 && !options.Keys.Contains(key, StringComparer.Ordinal)))
        {
            return;
        }
        foreach (var writer in target.WritersFor(captureEvent.TrId))
            writer.WriteInterruption(captureEvent);
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file)
    {
        counts.Add(problem);
        foreach (var writer in target.WritersFor(file.TrId))
            writer.WriteProblem(problem);
    }

    public void OnFrame(CaptureFile file, in Frame frame)
    {
        counts.Frames++;
        _frames.Next(file.TrId, frame.ReceivedAt);
    }

    public void OnUnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        if (unknownWidth is not null && _widths.Count < MaxWidths && _widths.Add((feed.TrId, shape.Width)))
            unknownWidth(feed, shape);
    }
}
