using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>Receives the records of some keys from a capture, and events in their places.</summary>
internal abstract class HistorySink : ICaptureSink
{
    private readonly Dictionary<string, Dictionary<byte[], HistoryKey>> _keys = new(StringComparer.Ordinal);
    private readonly HistoryPosition _after;
    private readonly DateTimeOffset _from;
    private readonly HashSet<HistoryKey> _open = [];
    private HistoryPosition _last;
    private (HistoryKey Key, Gap Gap)? _gap;

    protected HistorySink(IEnumerable<HistoryKey> keys, HistoryPosition after)
    {
        _after = _last = after;
        _from = after.At;
        foreach (var key in keys)
        {
            if (!_keys.TryGetValue(key.Feed.TrId, out var feed))
                _keys.Add(key.Feed.TrId, feed = new Dictionary<byte[], HistoryKey>(Utf8KeyComparer.Instance));
            feed[Encoding.UTF8.GetBytes(key.Key)] = key;
        }
    }

    /// <summary>Whether frames are taken as they are, and columns other than the key are not looked at.</summary>
    public virtual bool TakesFrames => false;

    public int Count { get; set; }

    public long Gaps { get; private set; }

    public IEnumerable<FeedSchema> Feeds => _keys.Values.Select(keys => keys.Values.First().Feed);

    private IEnumerable<HistoryKey> AllKeys => _keys.Values.SelectMany(keys => keys.Values);

    public bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key) => Find(feed, key) is not null;

    public void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        var found = Find(feed, key)!;
        var position = new HistoryPosition(receivedAt.UtcTicks, fields.Record + 1);
        if (!TryBegin(found, position, receivedAt))
            return;
        _last = position;
        Count++;
        AddRecord(found, fields, position, receivedAt);
    }

    public virtual void EndFrame()
    {
        // Records are added when they are read.
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt) =>
        OnRecord(feed, key, fields, receivedAt);

    public void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        if (Find(feed, key) is not { } found)
            return;
        if (gap.To is not null)
        {
            _gap = (found, gap);
            return;
        }

        _open.Add(found);
        Add(found, gap);
    }

    public void OnMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        var position = error.Record < 0 ? HistoryPosition.Behind(receivedAt) : new HistoryPosition(receivedAt.UtcTicks, error.Record + 1);
        var found = feed is null || key.IsEmpty ? null : Find(feed, key);
        if (found is null ? position <= _after : !TryBegin(found, position, receivedAt))
            return;

        // The content of an order notice is withheld: it may belong to anybody.
        Count++;
        var shown = feed is { IsNotice: false } ? raw.ToArray() : default;
        AddEvent(
            found, new MalformedFrame { Error = error, Raw = shown, ReceivedAt = receivedAt, Feed = feed, Key = found?.Key }, position);
        _last = position;
    }

    public void OnEvent(CaptureEvent captureEvent)
    {
        switch (captureEvent.Kind)
        {
            // Before the first record: the key was not recorded until here. Afterwards the reader itself knows of restarts.
            case CaptureEventKind.Capture when captureEvent.IsStart:
            case CaptureEventKind.Registered:
                foreach (var key in KeysOf(captureEvent).Where(key => key.LastAt is null))
                    key.IsUnrecorded = true;
                break;

            // The start was before the record that an earlier stream got last. That stream ended before it could report the gap,
            // or has reported one without an end.
            case CaptureEventKind.First when _after.Record > 0:
                foreach (var key in KeysOf(captureEvent).Where(key => key is { LastAt: null, IsUnrecorded: false }))
                    key.IsUnrecorded = key.IsUnrecordedBefore = true;
                break;
            case CaptureEventKind.Released:
                foreach (var key in KeysOf(captureEvent))
                    key.IsUnrecorded = true;
                break;
        }
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file)
    {
        // The keys of the file get a gap.
    }

    public virtual void OnFrame(CaptureFile file, in Frame frame)
    {
        // Its records are read.
    }

    public void OnUnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        // The columns without names are in the records.
    }

    protected static FrameShape ShapeOf(in RecordFields fields) =>
        new(fields.Layout, fields.Layout.Width + fields.UnnamedCount, 1, HasSurplusSeparator: false) { StatedDay = fields.StatedDay };

    protected abstract void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt);

    /// <summary>Adds a gap, before the record that follows it, or a malformed frame.</summary>
    /// <param name="key">The key; <see langword="null"/> for a malformed frame, whose key is unknown.</param>
    /// <param name="feedEvent">The event.</param>
    /// <param name="position">The position behind a malformed frame; for a gap, that of the item before it.</param>
    protected abstract void AddEvent(HistoryKey? key, FeedEvent feedEvent, HistoryPosition position);

    /// <summary>Adds a gap for each other key that is not recorded now, after the gaps that are still open.</summary>
    public void End(bool isRecorded)
    {
        foreach (var key in AllKeys.Where(key => !_open.Contains(key) && (key.IsUnrecorded || !isRecorded)))
            Add(key, new Gap { Reason = GapReason.NotRecorded, From = key.LastAt ?? _from });
    }

    private HistoryKey? Find(FeedSchema feed, ReadOnlySpan<byte> key) =>
        _keys.TryGetValue(feed.TrId, out var keys) && keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var found)
            ? found
            : null;

    private IEnumerable<HistoryKey> KeysOf(CaptureEvent captureEvent) => AllKeys.Where(key =>
        (captureEvent.TrId is null || captureEvent.TrId == key.Feed.TrId) && (captureEvent.Key is null || captureEvent.Key == key.Key));

    // Adds the gap before a record of a key. Returns false if the record is before the position from which records are wanted.
    private bool TryBegin(HistoryKey key, HistoryPosition position, DateTimeOffset receivedAt)
    {
        var gap = _gap is { } waiting && waiting.Key == key ? waiting.Gap : null;
        _gap = null;
        if (position > _after)
        {
            if (gap is null && key.IsUnrecorded)
            {
                gap = new Gap
                {
                    Reason = GapReason.NotRecorded,
                    From = key.LastAt ?? (key.IsUnrecordedBefore ? null : _from),
                    To = receivedAt,
                };
            }
            if (gap is not null)
                Add(key, gap);
        }

        key.IsUnrecorded = false;
        key.LastAt = receivedAt;
        return position > _after;
    }

    private void Add(HistoryKey key, Gap gap)
    {
        Gaps++;
        Count++;
        AddEvent(key, gap, _last);
    }
}
