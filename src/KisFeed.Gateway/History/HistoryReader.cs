using System.Runtime.CompilerServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>
/// Reads the past of some keys, in the order of receipt, in parts that follow each other in time. Each record comes once, with gaps and malformed frames in
/// their places. Not thread-safe.
/// </summary>
internal sealed class HistoryReader
{
    // The text of records is several times as long as their frames.
    private const int MaxFrameBytes = 32 * 1024;
    private const int MaxRecordBytes = 8 * 1024;

    private readonly HistorySource _source;
    private readonly HistorySink _sink;
    private readonly RecordEnumerator _records;
    private readonly string[] _trIds;
    private readonly int _maxBytes;

    /// <summary>Creates a reader.</summary>
    public HistoryReader(HistorySource source, HistorySink sink, HistoryPosition after)
    {
        _source = source;
        _sink = sink;
        _records = new RecordEnumerator(source.Catalog, _sink, checksColumns: !sink.TakesFrames);
        _maxBytes = sink.TakesFrames ? MaxFrameBytes : MaxRecordBytes;
        _trIds = [.. _sink.Feeds.Select(feed => feed.TrId)];
        NextAt = after.At;
    }

    /// <summary>Everything received before this time has been read.</summary>
    public DateTimeOffset NextAt { get; private set; }

    public long Gaps => _sink.Gaps;

    /// <summary>
    /// Reads everything received before a time that has not been read yet. It must be in files. The caller gets each batch within the turn in which it was read,
    /// and the end on the thread pool.
    /// </summary>
    /// <returns>The number of items of each batch.</returns>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    public async IAsyncEnumerable<int> ReadAsync(DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (until <= NextAt)
            yield break;
        var options = new CaptureReaderOptions
        {
            From = CaptureTime.At(NextAt), To = CaptureTime.At(until), TrIds = _trIds, Catalog = _source.Catalog, Seeks = true, ReusesBuffers = true,
        };
        await foreach (var _ in _source.ReadAsync(NextAt, until, options, Process, _maxBytes, cancellationToken).ConfigureAwait(false))
        {
            if (_sink.Count > 0)
                yield return _sink.Count;
            _sink.Count = 0;
        }

        NextAt = until;
    }

    /// <summary>Adds gaps that no record follows yet. Call it once, at the end.</summary>
    /// <param name="isRecorded">Whether everything received so far could be read.</param>
    public void End(bool isRecorded)
    {
        _records.Complete();
        _sink.End(isRecorded);
    }

    // Returns the length of the frame if it gave items.
    private int Process(in CaptureItem item)
    {
        var count = _sink.Count;
        _records.Process(item);
        _sink.EndFrame();
        return _sink.Count > count ? item.Frame.Bytes.Length : 0;
    }
}

/// <summary>Receives the records of some keys from a capture, and events in their places.</summary>
internal abstract class HistorySink : ICaptureSink
{
    private readonly Dictionary<string, Dictionary<byte[], HistoryKey>> _keys = new(StringComparer.Ordinal);
    private readonly HistoryPosition _after;
    private readonly DateTimeOffset _from;
    private readonly HashSet<HistoryKey> _open = [];
    private HistoryPosition _last;
    private (HistoryKey Key, Gap Gap)? _gap;

    /// <summary>Creates a sink.</summary>
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

    /// <summary>The number of items of the current batch.</summary>
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

    /// <summary>Called after each item of the capture.</summary>
    public virtual void EndFrame()
    {
        // Records are added when they are read.
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt) => OnRecord(feed, key, fields, receivedAt);

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

    public void OnMalformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        var position = error.Record < 0 ? HistoryPosition.Behind(receivedAt) : new HistoryPosition(receivedAt.UtcTicks, error.Record + 1);
        var found = feed is null || key.IsEmpty ? null : Find(feed, key);
        if (found is null ? position <= _after : !TryBegin(found, position, receivedAt))
            return;

        // The content of an order notice is withheld: it may belong to anybody.
        Count++;
        var shown = feed is { IsNotice: false } ? raw.ToArray() : default;
        AddEvent(found, new MalformedFrame { Error = error, Raw = shown, ReceivedAt = receivedAt, Feed = feed, Key = found?.Key }, position);
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

            // The start was before the record that an earlier stream got last. That stream ended before it could report the gap, or has reported one without an end.
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
    /// <param name="position">The place behind a malformed frame; for a gap, that of the item before it.</param>
    protected abstract void AddEvent(HistoryKey? key, FeedEvent feedEvent, HistoryPosition position);

    /// <summary>Adds a gap for each other key that is not recorded now, after the gaps that are still open.</summary>
    public void End(bool isRecorded)
    {
        foreach (var key in AllKeys.Where(key => !_open.Contains(key) && (key.IsUnrecorded || !isRecorded)))
            Add(key, new Gap { Reason = GapReason.NotRecorded, From = key.LastAt ?? _from });
    }

    private HistoryKey? Find(FeedSchema feed, ReadOnlySpan<byte> key) =>
        _keys.TryGetValue(feed.TrId, out var keys) && keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var found) ? found : null;

    private IEnumerable<HistoryKey> KeysOf(CaptureEvent captureEvent) => AllKeys.Where(key =>
        (captureEvent.TrId is null || captureEvent.TrId == key.Feed.TrId) && (captureEvent.Key is null || captureEvent.Key == key.Key));

    // Adds the gap before a record of a key. Returns false if the record is before the place from which records are wanted.
    private bool TryBegin(HistoryKey key, HistoryPosition position, DateTimeOffset receivedAt)
    {
        var gap = _gap is { } waiting && waiting.Key == key ? waiting.Gap : null;
        _gap = null;
        if (position > _after)
        {
            if (gap is null && key.IsUnrecorded)
                gap = new Gap { Reason = GapReason.NotRecorded, From = key.LastAt ?? (key.IsUnrecordedBefore ? null : _from), To = receivedAt };
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
