using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>Passes the content of a capture to the writers, and counts it.</summary>
internal sealed class ExportSink(ExportTarget target, ExportOptions options, RecordFilter filter, ExportCounts counts, Action<FeedSchema, FrameShape>? unknownWidth) : ICaptureSink
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

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt) => OnRecord(feed, key, fields, receivedAt);

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

    public void OnMalformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        counts.Malformed++;
        foreach (var writer in target.WritersFor(feed?.TrId))
            writer.WriteMalformed(feed, key, receivedAt, error, raw);
    }

    public void OnEvent(CaptureEvent captureEvent)
    {
        if (captureEvent.Kind != CaptureEventKind.Interrupted || (captureEvent.Key is { } key && options.Keys.Count > 0 && !options.Keys.Contains(key, StringComparer.Ordinal)))
            return;
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

/// <summary>
/// Numbers frames of a feed that were received at the same time, identically in each export. A frame more than a microsecond later than all previous frames has
/// number 1: databases round times to microseconds, and frames that may be rounded to the same one must have different numbers.
/// </summary>
internal sealed class FrameNumbers
{
    private static readonly TimeSpan s_nextTime = TimeSpan.FromMicroseconds(2);

    private readonly Dictionary<string, Last> _lasts = new(StringComparer.Ordinal);

    /// <summary>The number of the last frame.</summary>
    public int Current { get; private set; }

    public void Next(string? trId, DateTimeOffset receivedAt)
    {
        trId ??= "";
        var isSameTime = _lasts.TryGetValue(trId, out var last) && receivedAt - last.Latest < s_nextTime;
        Current = isSameTime ? last.Number + 1 : 1;
        // After a clock was set back, times repeat: the numbers continue until the clock has caught up.
        _lasts[trId] = new Last(isSameTime && last.Latest > receivedAt ? last.Latest : receivedAt, Current);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Last(DateTimeOffset Latest, int Number);
}
