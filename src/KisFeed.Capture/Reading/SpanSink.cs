using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>
/// Passes on the records within a span, and the gaps that may overlap it: those between two records of a key of which one is within the
/// span, or which surround it. Items without a time, such as unreadable frames, are treated like the previous record of their feed.
/// Flaws of files are always passed on.
/// </summary>
internal sealed class SpanSink(RecordSpan span, RecordFilter filter, ReadCounts counts, ICaptureSink inner) : ICaptureSink
{
    private readonly Dictionary<string, FeedTimes> _feeds = new(StringComparer.Ordinal);
    private bool _isWithin = true;

    // A gap is reported just before the next record, whose time is not known yet.
    private (FeedSchema Feed, byte[] Key, Gap Gap)? _pending;

    /// <summary>Wraps a sink so that it receives only a span; returns the sink itself if the span has no bounds.</summary>
    public static ICaptureSink Around(ICaptureSink inner, RecordSpan? span, RecordFilter filter, ReadCounts counts) =>
        span is { From: null, To: null } or null ? inner : new SpanSink(span, filter, counts, inner);

    public bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key) => inner.Accepts(feed, key);

    public void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        var at = Count(feed, key, fields, receivedAt);
        FlushPendingGap(at ?? receivedAt);
        if (at is { } time)
            TimesOf(feed).Set(key, time);
        if (IsWithin(feed, at))
            inner.OnRecord(feed, key, fields, receivedAt);
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (IsWithin(feed, Count(feed, key, fields, receivedAt)))
            inner.OnUnfollowedRecord(feed, key, fields, receivedAt);
    }

    public void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        _pending = (feed, key.ToArray(), gap);
        if (gap.To is null)
            FlushPendingGap(DateTimeOffset.MaxValue);
    }

    public void OnMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        FlushPendingGap(receivedAt);
        if (feed is null ? _isWithin : TimesOf(feed).IsWithin)
            inner.OnMalformed(feed, key, receivedAt, error, raw);
    }

    public void OnEvent(CaptureEvent captureEvent)
    {
        if (captureEvent.TrId is { } trId && _feeds.TryGetValue(trId, out var times) ? times.IsWithin : _isWithin)
            inner.OnEvent(captureEvent);
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file) => inner.OnProblem(problem, file);

    public void OnFrame(CaptureFile file, in Frame frame) => inner.OnFrame(file, frame);

    public void OnUnknownWidth(FeedSchema feed, in FrameShape shape) => inner.OnUnknownWidth(feed, shape);

    private DateTimeOffset? Count(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        filter.MarkFound(feed, key);
        var at = span.TimeOf(feed, fields, receivedAt);
        var met = counts.Span ?? default;
        counts.Span = met with
        {
            Records = met.Records + 1,
            Untimed = met.Untimed + (at is null ? 1 : 0),
            Earliest = met.Earliest is { } earliest && !(at < earliest) ? earliest : at ?? met.Earliest,
            Latest = met.Latest is { } latest && !(at > latest) ? latest : at ?? met.Latest,
        };
        return at;
    }

    private bool IsWithin(FeedSchema feed, DateTimeOffset? at)
    {
        var isWithin = at is { } time && span.Contains(time);
        if (at is not null)
            TimesOf(feed).IsWithin = _isWithin = isWithin;
        return isWithin;
    }

    // Without a previous record, the start of a gap is unknown; its end is the next record.
    private void FlushPendingGap(DateTimeOffset next)
    {
        if (_pending is not var (feed, key, gap))
            return;
        _pending = null;
        var before = TimesOf(feed).Find(key);
        if (before is null && gap.To is null)
            inner.OnGap(feed, key, gap);
        else if (span.Overlaps(before is { } first && first < next ? first : next, next))
            inner.OnGap(feed, key, gap);
    }

    private FeedTimes TimesOf(FeedSchema feed)
    {
        if (!_feeds.TryGetValue(feed.TrId, out var times))
            _feeds.Add(feed.TrId, times = new FeedTimes());
        return times;
    }

    private sealed class FeedTimes
    {
        private readonly Dictionary<byte[], DateTimeOffset> _keys = new(Utf8KeyComparer.Instance);

        public bool IsWithin { get; set; } = true;

        public void Set(ReadOnlySpan<byte> key, DateTimeOffset time) => _keys.GetAlternateLookup<ReadOnlySpan<byte>>()[key] = time;

        public DateTimeOffset? Find(byte[] key) => _keys.TryGetValue(key, out var time) ? time : null;
    }
}
