using System.Text;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

internal sealed class BarSink(BarOptions options, RecordFilter filter, BarCounts counts) : ICaptureSink
{
    private readonly Dictionary<string, BarColumns?> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<byte[], KeyBars>> _bars = new(StringComparer.Ordinal);

    public Queue<Bar> Finished { get; } = new();

    public bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key) => ColumnsOf(feed) is not null && filter.Matches(key);

    public void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        filter.MarkFound(feed, key);
        counts.AddRecord(feed, fields);
        BarsOf(feed, key).Add(fields, receivedAt);
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        filter.MarkFound(feed, key);
        counts.Unfollowed++;
    }

    public void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        if (!Accepts(feed, key))
            return;
        counts.Gaps++;
        BarsOf(feed, key).Mark();
    }

    public void OnMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw) =>
        counts.Malformed++;

    public void OnEvent(CaptureEvent captureEvent)
    {
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file) => counts.Add(problem);

    public void OnFrame(CaptureFile file, in Frame frame) => counts.Frames++;

    public void OnUnknownWidth(FeedSchema feed, in FrameShape shape)
    {
    }

    /// <summary>Ends the capture and finishes open bars.</summary>
    public void End()
    {
        foreach (var bars in _bars.Values.SelectMany(keys => keys.Values))
            bars.End();
    }

    private KeyBars BarsOf(FeedSchema feed, ReadOnlySpan<byte> key)
    {
        if (!_bars.TryGetValue(feed.TrId, out var keys))
            _bars.Add(feed.TrId, keys = new Dictionary<byte[], KeyBars>(Utf8KeyComparer.Instance));
        if (!keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var bars))
            keys.Add(key.ToArray(), bars = NewBars(ColumnsOf(feed)!, Encoding.UTF8.GetString(key)));
        return bars;
    }

    private KeyBars NewBars(BarColumns columns, string key) => columns.HasPrice
        ? new PriceBars(columns, key, options.Interval, counts, Finished)
        : new NetBars(columns, key, options.Interval, counts, Finished);

    private BarColumns? ColumnsOf(FeedSchema feed)
    {
        if (_columns.TryGetValue(feed.TrId, out var columns))
            return columns;
        _columns.Add(feed.TrId, columns = BarColumns.Of(feed));
        if (columns is null)
            counts.AddWithoutPrice(feed.TrId);
        return columns;
    }
}
