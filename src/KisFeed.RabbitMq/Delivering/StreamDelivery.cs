using System.Buffers;
using System.Runtime.InteropServices;
using KisFeed.Capture.Reading;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>Delivers the messages of one stream to its wanted keys. Guarded by the lock of the source.</summary>
internal sealed class StreamDelivery(TapDelivery taps, StreamEntries entries)
{
    private readonly Dictionary<byte[], FeedKeys> _feeds = new(TrIdComparer.Instance);
    private readonly List<DeliveredKey> _keys = [];
    private readonly List<DeliveredKey> _receiving = [];
    private readonly List<bool> _kept = [];
    private readonly RecordReaderBuffer _scratch = new();
    private readonly ArrayBufferWriter<byte> _part = new();
    private DateTimeOffset? _openedAt;

    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Whether the stream was interrupted, and has not delivered everything since.</summary>
    public bool IsBehind => _openedAt is not null;

    public StreamEntries Entries => entries;

    public void Add(DeliveredKey key)
    {
        _keys.Add(key);
        var trId = System.Text.Encoding.ASCII.GetBytes(key.Feed.TrId);
        if (!_feeds.TryGetValue(trId, out var keys))
            _feeds.Add(trId, keys = new FeedKeys(key.Feed));
        keys.ByKey.Add(key.KeyUtf8, key);
    }

    public void Remove(DeliveredKey key)
    {
        _keys.Remove(key);
        var trId = System.Text.Encoding.ASCII.GetBytes(key.Feed.TrId);
        _feeds[trId].ByKey.Remove(key.KeyUtf8);
        if (_feeds[trId].ByKey.Count == 0)
            _feeds.Remove(trId);
    }

    /// <summary>The stream is read again after it was interrupted: what was published meanwhile comes first.</summary>
    public void OnReopened(DateTimeOffset at) => _openedAt = at;

    /// <summary>Delivers a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">What was received before is left out; <see langword="null"/> for nothing.</param>
    /// <returns>Whether the source of the data has changed.</returns>
    public bool Deliver(in StreamMessage message, DateTimeOffset? from)
    {
        if (entries.Add(message, from) is not { } received)
            return false;
        taps.LastReceivedAt = taps.Clock.ReadAt;
        if (received.Entries.Count > 0)
            taps.Lag = taps.Clock.ReadAt - received.Entries[^1].At;
        if (entries.IsReplaced)
            Interrupt(null, null, GapReason.Unreadable, received.Entries[0].At);
        while (entries.TryNext(out var first))
            Deliver(entries.Batch!, first, from);
        return taps.SetData(received.Origin.Source, received.Data);
    }

    private void Deliver(StreamBatch batch, int first, DateTimeOffset? from)
    {
        var source = batch.Origin.Source;
        if (entries.IsMissing)
            Interrupt(null, source, GapReason.Unreadable, batch.Entries[first].At);
        for (var i = first; i < batch.Entries.Count; i++)
        {
            var entry = batch.Entries[i];
            if (entry.At >= _openedAt)
                _openedAt = null;
            if (entries.Advance(i) && !(entry.At < from))
                Deliver(source, entry);
        }
    }

    private void Deliver(string source, in BatchEntry entry)
    {
        if (entry.Kind == EntryKind.Frame)
            DeliverFrame(source, entry);
        else if (entry.Kind == EntryKind.Event && CaptureLine.TryRead(entry.Content, out var line) && line.Event is { } captureEvent)
            DeliverEvent(source, entry, captureEvent);
    }

    private void DeliverFrame(string source, in BatchEntry entry)
    {
        var bytes = entry.Content.Span;
        if (!DataFrame.TryParse(bytes, out var frame, out var error))
        {
            taps.DeliverMalformed(source, entry, null, error, entry.Content);
            return;
        }

        frame = frame with { StatedDay = entry.StatedDay };
        if (!_feeds.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(frame.TrId, out var keys))
        {
            if (!taps.Catalog.TryGet(frame.TrId, out _))
                taps.DeliverMalformed(source, entry, null, new FrameError(FrameErrorKind.UnknownTrId, 2), entry.Content);
            return;
        }

        if (!PlainFrame.TryRead(keys.Feed, frame, _scratch, out var reader, out error))
        {
            taps.DeliverMalformed(source, entry, keys.Feed, error, entry.Content);
            return;
        }

        var shape = reader.Shape;
        if (shape.Count == 1)
            DeliverRecord(source, entry, keys, ref reader);
        else
            DeliverRecords(source, entry, keys, frame, ref reader);
    }

    private void DeliverRecord(string source, in BatchEntry entry, FeedKeys keys, ref RecordReader reader)
    {
        reader.MoveNext();
        taps.Frame++;
        _receiving.Clear();
        if (TryReceive(source, entry, keys, reader.Current, 0))
            EndFrame(entry.Content.Span, reader.Shape, entry.At);
    }

    // A frame has the records of wanted keys only: other streams have the others, or nobody here wants them.
    private void DeliverRecords(string source, in BatchEntry entry, FeedKeys keys, in DataFrame frame, ref RecordReader reader)
    {
        var shape = reader.Shape;
        var count = 0;
        taps.Frame++;
        _receiving.Clear();
        _kept.Clear();
        for (var record = 0; reader.MoveNext(); record++)
        {
            var isKept = TryReceive(source, entry, keys, reader.Current, record);
            _kept.Add(isKept);
            count += isKept ? 1 : 0;
        }

        if (count == shape.Count)
            EndFrame(frame.Bytes, shape, entry.At);
        else if (count > 0)
            EndFrame(PartOf(keys.Feed, frame, shape, count), shape with { Count = count, HasSurplusSeparator = false }, entry.At);
    }

    private ReadOnlySpan<byte> PartOf(FeedSchema feed, in DataFrame frame, in FrameShape shape, int count)
    {
        _part.ResetWrittenCount();
        FrameWriter.WriteHeader(_part, encrypted: false, feed.TrId, count);
        var begin = _part.WrittenCount;
        var reader = _scratch.Read(frame, shape);
        for (var record = 0; reader.MoveNext(); record++)
        {
            if (!_kept[record])
                continue;
            if (_part.WrittenCount > begin)
                _part.Write("^"u8);
            _part.Write(reader.Current.Text);
        }

        return _part.WrittenSpan;
    }

    private bool TryReceive(string source, in BatchEntry entry, FeedKeys keys, in RecordFields fields, int record)
    {
        if (!keys.ByKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(keys.Feed.KeyOf(fields), out var key)
            || !key.HasReceivers
            || entry.At < key.From
            || !key.Ownership.TryAccept(source, entry.EpochOf(record), isFrame: true, out var isTakeover))
        {
            return false;
        }

        if (isTakeover)
            key.Interrupt(GapReason.Moved, taps.Clock.EventAt(entry.At));
        if (key.LastFrame == taps.Frame)
            return true;
        key.LastFrame = taps.Frame;
        _receiving.Add(key);
        return true;
    }

    private void EndFrame(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var at = taps.Clock.StampReceived(receivedAt);
        foreach (var key in CollectionsMarshal.AsSpan(_receiving))
            key.Receive(bytes, shape, at);
        taps.EndFrame(bytes, shape, at);
    }

    private void DeliverEvent(string source, in BatchEntry entry, CaptureEvent captureEvent)
    {
        if (captureEvent is { TrId: { } trId, Key: { } name })
        {
            if (taps.Catalog.TryFind(trId, out var feed) && taps.Find(feed, name) is { HasReceivers: true } key && !(entry.At < key.From))
                PublishedEvents.Deliver(taps, key, source, entry, captureEvent);
            return;
        }

        if (PublishedEvents.ReasonOf(captureEvent) is { } reason)
            Interrupt(captureEvent.TrId, source, reason, entry.At);
        PublishedEvents.Deliver(taps, source, entry, captureEvent);
    }

    // Data of the source, or of all, may be missing in this stream.
    private void Interrupt(string? trId, string? source, GapReason reason, DateTimeOffset at)
    {
        foreach (var key in _keys)
        {
            if ((source is null || key.Ownership.IsOf(source)) && (trId is null || trId == key.Feed.TrId) && !(at < key.From))
                key.Interrupt(reason, taps.Clock.EventAt(at));
        }
    }

    private sealed class FeedKeys(FeedSchema feed)
    {
        public FeedSchema Feed => feed;

        public Dictionary<byte[], DeliveredKey> ByKey { get; } = new(Utf8KeyComparer.Instance);
    }
}
