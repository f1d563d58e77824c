using System.Text;
using System.Text.Unicode;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Hands what a capture holds to the writers, and counts it.</summary>
internal sealed class ExportSink(ExportTarget target, ExportOptions options, RecordFilter wanted, ExportCounts counts, Action<FeedSchema, FrameShape>? unknownWidth) : IRecordSink
{
    // A file that has more of them is made up.
    private const int MostWidths = 1000;

    private readonly FrameNumbers _frames = new();
    private readonly HashSet<(string, int)> _widths = [];

    public bool Wants(FeedSchema feed, ReadOnlySpan<byte> key) => wanted.Has(key);

    public void Record(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        counts.Records++;
        wanted.Meet(feed, key);
        target.WriterOf(feed).Record(key, _frames.Current, fields, receivedAt);
    }

    public void Unfollowed(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt) => Record(feed, key, fields, receivedAt);

    public void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        if (!Wants(feed, key))
            return;
        if (!Utf8.IsValid(key))
            key = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(key));
        counts.Gaps++;
        target.Gap(feed, key, gap);
        target.WriterOf(feed).Gap(feed, key, gap);
    }

    public void Malformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        counts.Malformed++;
        foreach (var writer in target.WritersFor(feed?.TrId))
            writer.Malformed(feed, key, receivedAt, error, raw);
    }

    public void Event(CaptureEvent happened)
    {
        if (happened.Kind != CaptureEventKind.Interrupted || (happened.Key is { } key && options.Keys.Count > 0 && !options.Keys.Contains(key, StringComparer.Ordinal)))
            return;
        foreach (var writer in target.WritersFor(happened.TrId))
            writer.Interruption(happened);
    }

    public void Problem(CaptureProblem problem, CaptureFile file)
    {
        counts.Add(problem);
        foreach (var writer in target.WritersFor(file.TrId))
            writer.Problem(problem);
    }

    public void Frame(CaptureFile file, in Frame frame)
    {
        counts.Frames++;
        _frames.Next(file.TrId, frame.ReceivedAt);
    }

    public void UnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        if (unknownWidth is not null && _widths.Count < MostWidths && _widths.Add((feed.TrId, shape.Width)))
            unknownWidth(feed, shape);
    }
}
