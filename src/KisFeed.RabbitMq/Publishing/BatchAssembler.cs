using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Capture.Reading;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// Divides frames and events among the streams and collects them in batches. A frame with records of several keys goes to each stream that
/// one of them belongs to, once. What concerns no single key, and a frame whose keys cannot be read, goes to all. Not thread-safe.
/// </summary>
internal sealed class BatchAssembler
{
    // A longer batch is complete, whatever the number of its entries.
    private const int FullLength = 1 << 16;

    private readonly Partitions _partitions;
    private readonly FeedCatalog _catalog;
    private readonly KeyEpochs _epochs;
    private readonly int _readyEntries;
    private readonly int _maxEntries;
    private readonly Func<int, ulong> _confirmedOf;
    private readonly StreamBatchEncoder[] _open;
    private readonly ulong[] _toldConfirmed;
    private readonly bool[] _wasQuiet;
    private readonly Queue<PublishedBatch> _complete = new();
    private readonly RecordReaderBuffer _scratch = new();
    private readonly List<uint> _recordEpochs = [];
    private readonly ArrayBufferWriter<byte> _eventText = new();
    private readonly Func<DataSource?>? _data;
    private int _openCount;

    /// <summary>Creates an assembler.</summary>
    /// <param name="partitions">The streams.</param>
    /// <param name="origin">The sender.</param>
    /// <param name="catalog">The feeds.</param>
    /// <param name="epochs">The epochs of the keys.</param>
    /// <param name="readyEntries">The number of entries with which a batch may be sent if no others wait.</param>
    /// <param name="maxEntries">The number of entries of a complete batch.</param>
    /// <param name="confirmedOf">Returns the sequence number up to which a stream is confirmed.</param>
    /// <param name="data">Returns the source of the data, if it is known.</param>
    public BatchAssembler(
        Partitions partitions, BatchOrigin origin, FeedCatalog catalog, KeyEpochs epochs, int readyEntries, int maxEntries,
        Func<int, ulong> confirmedOf, Func<DataSource?>? data = null)
    {
        _data = data;
        _partitions = partitions;
        _catalog = catalog;
        _epochs = epochs;
        _readyEntries = readyEntries;
        _maxEntries = maxEntries;
        _confirmedOf = confirmedOf;
        _toldConfirmed = new ulong[partitions.Count];
        _wasQuiet = new bool[partitions.Count];
        _open = [.. Enumerable.Range(0, partitions.Count).Select(_ => new StreamBatchEncoder(origin))];
    }

    /// <summary>Whether a batch has entries and is not complete.</summary>
    public bool HasOpen => _openCount > 0;

    /// <summary>Whether a batch is complete.</summary>
    public bool HasComplete => _complete.Count > 0;

    /// <summary>The next complete batch.</summary>
    public PublishedBatch TakeComplete() => _complete.Dequeue();

    /// <summary>Completes all batches.</summary>
    public void CompleteAll() => CompleteFrom(1);

    /// <summary>Completes the batches that are long enough to be sent when no other entries wait.</summary>
    public void CompleteReady() => CompleteFrom(_readyEntries);

    /// <summary>
    /// Completes a batch without entries for each stream in which something is confirmed and no batch says so, if there was no batch since
    /// the last call. Without it a reader that lacks a batch, and gets no later ones, would not know that the batch is lost. Also where no
    /// batch has the source of the data yet.
    /// </summary>
    /// <param name="isEnd">Whether there are no later batches.</param>
    public void AddMarks(bool isEnd)
    {
        for (var i = 0; i < _open.Length; i++)
        {
            var confirmed = _confirmedOf(i);
            if (((_wasQuiet[i] || isEnd) && confirmed > _toldConfirmed[i]) || _data?.Invoke() != _open[i].Data)
            {
                _toldConfirmed[i] = confirmed;
                _open[i].Data = _data?.Invoke();
                _complete.Enqueue(new PublishedBatch(
                    i, _partitions.Names[i], _open[i].Mark(confirmed), 0, confirmed, DateTimeOffset.MaxValue));
            }

            _wasQuiet[i] = true;
        }
    }

    /// <summary>Returns a batch without entries for each stream, with the name of the stream.</summary>
    public IReadOnlyList<(string Stream, byte[] Body)> MarkAll() =>
        [.. _open.Select((open, i) => (_partitions.Names[i], open.Mark(_confirmedOf(i))))];

    /// <summary>Adds a frame of the tap, which delivers only those of the publisher's keys.</summary>
    public void AddFrame(in Frame frame) => Add(frame, TargetsOf(frame.Bytes.Span, frame.ReceivedAt, isRecorded: false));

    /// <summary>Adds a frame of the capture, unless the publisher had none of its keys when it was received.</summary>
    public bool TryAddRecorded(in Frame frame)
    {
        var targets = TargetsOf(frame.Bytes.Span, frame.ReceivedAt, isRecorded: true);
        Add(frame, targets);
        return targets != 0;
    }

    /// <summary>Adds an event of the tap.</summary>
    public void AddEvent(CaptureEvent captureEvent)
    {
        if (captureEvent is { TrId: { } trId, Key: { } key })
            AddEvent(captureEvent, trId, key, _epochs.NearestTo(trId, Encoding.UTF8.GetBytes(key), captureEvent.At));
        else
            AddEventToAll(captureEvent);
    }

    /// <summary>Adds an event of the capture, unless it concerns a key, or a feed, that the publisher did not have then.</summary>
    public bool TryAddRecorded(CaptureEvent captureEvent)
    {
        if (captureEvent is not { TrId: { } trId, Key: { } key })
        {
            if (captureEvent.TrId is { } feed && !_epochs.HasFeed(feed))
                return false;
            AddEventToAll(captureEvent);
            return true;
        }

        // A gap is just before the frame that ends it.
        var at = captureEvent is { Kind: CaptureEventKind.Gap, To: { } to } ? to : captureEvent.At;
        if (!_epochs.TryFind(trId, Encoding.UTF8.GetBytes(key), at, out var epoch))
            return false;
        AddEvent(captureEvent, trId, key, epoch);
        return true;
    }

    /// <summary>Adds the release of a key.</summary>
    public void AddReleased(CaptureEvent captureEvent, uint epoch) => AddEvent(captureEvent, captureEvent.TrId!, captureEvent.Key!, epoch);

    private void AddEvent(CaptureEvent captureEvent, string trId, string key, uint epoch) =>
        Add(EntryKind.Event, captureEvent.At, 1UL << _partitions.Of(trId, key), epoch == 0 ? [] : [epoch], LineOf(captureEvent));

    private void AddEventToAll(CaptureEvent captureEvent) =>
        Add(EntryKind.Event, captureEvent.At, _partitions.All, [], LineOf(captureEvent));

    private ReadOnlySpan<byte> LineOf(CaptureEvent captureEvent)
    {
        _eventText.ResetWrittenCount();
        CaptureLine.Write(_eventText, captureEvent);
        return _eventText.WrittenSpan[..^1];
    }

    private void Add(in Frame frame, ulong targets) =>
        Add(EntryKind.Frame, frame.ReceivedAt, targets, CollectionsMarshal.AsSpan(_recordEpochs), frame.Bytes.Span, frame.StatedDay);

    private void Add(
        EntryKind kind, DateTimeOffset at, ulong targets, ReadOnlySpan<uint> epochs, ReadOnlySpan<byte> content, DateOnly? statedDay = null)
    {
        for (var i = 0; targets != 0; i++, targets >>= 1)
        {
            if ((targets & 1) == 0)
                continue;
            _open[i].Add(kind, at, epochs, content, statedDay);
            if (_open[i].Count == 1)
                _openCount++;
            if (_open[i].Count >= _maxEntries || _open[i].Length >= FullLength)
                Complete(i);
        }
    }

    private void CompleteFrom(int entries)
    {
        for (var i = 0; _openCount > 0 && i < _open.Length; i++)
        {
            if (_open[i].Count >= entries)
                Complete(i);
        }
    }

    private void Complete(int partition)
    {
        _openCount--;
        var open = _open[partition];
        open.Data = _data?.Invoke();
        var (entries, firstAt, last) = (open.Count, open.FirstAt, open.FirstSequence + (ulong)open.Count - 1);
        _toldConfirmed[partition] = _confirmedOf(partition);
        _wasQuiet[partition] = false;
        _complete.Enqueue(
            new PublishedBatch(partition, _partitions.Names[partition], open.Complete(_toldConfirmed[partition]), entries, last, firstAt));
    }

    // The streams of a frame, and in _recordEpochs the epochs of its records. No stream if it is recorded and
    // the publisher had none of its keys.
    private ulong TargetsOf(ReadOnlySpan<byte> bytes, DateTimeOffset at, bool isRecorded)
    {
        _recordEpochs.Clear();
        if (!DataFrame.TryParse(bytes, out var frame, out _)
            || !_catalog.TryGet(frame.TrId, out var feed)
            || !PlainFrame.TryRead(feed, frame, _scratch, out var reader, out _))
        {
            return _partitions.All;
        }
        var shape = reader.Shape;
        if (shape.Count == 0)
            return _partitions.All;
        var targets = isRecorded || _epochs.HasEpochs ? TargetsOf(feed, reader, at, isStrict: true) : 0;
        if (targets == 0 && !isRecorded)
            targets = TargetsOf(feed, _scratch.Read(frame, shape), at, isStrict: false);
        if (_recordEpochs.Count > 1 && !CollectionsMarshal.AsSpan(_recordEpochs).ContainsAnyExcept(_recordEpochs[0]))
            _recordEpochs.RemoveRange(1, _recordEpochs.Count - 1);
        if (_recordEpochs is [0])
            _recordEpochs.Clear();
        return targets;
    }

    // If it is strict, only those of the keys that the publisher had at that time.
    private ulong TargetsOf(FeedSchema feed, RecordReader reader, DateTimeOffset at, bool isStrict)
    {
        Span<byte> buffer = stackalloc byte[DataFrame.MaxTrIdLength];
        var trId = buffer[..Encoding.ASCII.GetBytes(feed.TrId, buffer)];
        var (targets, hasEpochs) = (0UL, _epochs.HasEpochs);
        _recordEpochs.Clear();
        while (reader.MoveNext())
        {
            var key = feed.KeyOf(reader.Current);
            var epoch = 0u;
            if (!isStrict || _epochs.TryFind(feed.TrId, key, at, out epoch))
                targets |= 1UL << _partitions.Of(trId, key);
            if (hasEpochs && _recordEpochs.Count < byte.MaxValue)
                _recordEpochs.Add(isStrict ? epoch : _epochs.NearestTo(feed.TrId, key, at));
        }

        return targets;
    }
}
