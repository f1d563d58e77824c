using System.Runtime.InteropServices;
using KisFeed.Capture;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>The entries of one key in the messages of its stream, each once. Not thread-safe.</summary>
internal sealed class KeyEntries
{
    private readonly FeedSchema _feed;
    private readonly string _key;
    private readonly string _stream;
    private readonly ILogger _logger;
    private readonly CaptureFile _file;
    private readonly SourceWatermarks _sources = new();
    private readonly BatchOrder _order;
    private readonly KeyFilter _filter;
    private readonly StreamProgress _progress = new();
    private string? _source;
    private EntryState? _beforeBatch;
    private long _duplicates;
    private long _malformed;

    public KeyEntries(FeedSchema feed, string key, string stream, ILogger logger)
    {
        (_feed, _key, _stream, _logger) = (feed, key, stream, logger);
        _file = new CaptureFile(stream, CaptureFileFormat.Text, 0) { TrId = feed.TrId };
        _order = new BatchOrder(_sources);
        _filter = new KeyFilter(feed, key);
    }

    /// <summary>Entries that were dropped because they had been read before.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Messages that are not batches.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>The offset of the first message of which entries are unread, otherwise of the last message.</summary>
    public long? Offset => _order.FirstOffset ?? _progress.Last;

    /// <summary>The time of the last frame of all sources; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastAt => _sources.LastAt;

    /// <summary>The current batch.</summary>
    public StreamBatch? Batch { get; private set; }

    /// <summary>
    /// The items that result from the last message or the current entry: at most two causes of a gap, and a frame or an event.
    /// </summary>
    public List<CaptureItem> Items { get; } = [];

    /// <summary>Messages from <see cref="Offset"/> on are added again.</summary>
    public void Rewind() => _progress.Rewind(Offset);

    /// <summary>
    /// Adds a message. <see cref="TryNext"/> returns the batches that can be read then. If it shows that the offsets of the stream have
    /// gone back, a gap is in <see cref="Items"/>.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Frames and events before this time are left out.</param>
    public void Add(in StreamMessage message, DateTimeOffset? from)
    {
        _source = null;
        Items.Clear();
        if (!StreamBatch.TryRead(message.Body, out var batch, out var problem))
        {
            _progress.Add(message.Offset, isNew: false);
            Interlocked.Increment(ref _malformed);
            ReaderLog.Malformed(_logger, _stream, message.Offset, problem);
            return;
        }

        _source = batch.Origin.Source;
        var isNew = _order.TryAdd(batch, message.Offset);
        if (!isNew)
            Interlocked.Add(ref _duplicates, batch.Entries.Count);
        if (_progress.Add(message.Offset, isNew && !(batch.Entries[^1].At < from)))
        {
            ReaderLog.Replaced(_logger, _stream, message.Offset);
            Add(CaptureEventKind.Gap, GapReason.Unreadable, batch.Entries[0].At);
        }
    }

    /// <summary>Begins the next batch whose turn it is. There may be none after a message, or several.</summary>
    /// <param name="first">The index of the first entry that was not read, in <see cref="Batch"/>.</param>
    public bool TryNext(out int first)
    {
        first = 0;
        Batch = null;
        Items.Clear();
        if (_source is null || !_order.TryNext(_source, out var next))
            return false;
        Batch = next.Batch;
        _beforeBatch = StateOf(_source);
        if (_sources.Begin(next.Batch, out first))
        {
            ReaderLog.Missing(_logger, _stream, _source, next.Offset);

            // Messages were deleted before they were read, or are malformed, or the publisher has no recorder.
            if (_filter.Ownership.IsOf(_source))
                Add(CaptureEventKind.Gap, GapReason.Unreadable, next.Batch.Entries[first].At);
        }

        Interlocked.Add(ref _duplicates, first);
        return true;
    }

    /// <summary>Moves behind an entry, and adds to <see cref="Items"/> what it holds of the key.</summary>
    /// <param name="index">The index in <see cref="Batch"/>.</param>
    /// <param name="from">Frames and events before this time are left out.</param>
    public void Read(int index, DateTimeOffset? from)
    {
        var entry = Batch!.Entries[index];
        _beforeBatch = null;
        if (!_sources.Advance(Batch, index))
            Interlocked.Increment(ref _duplicates);
        else if (!(entry.At < from))
            AddItem(entry);
    }

    /// <summary>What the next entry changes, so that a position before it can be made afterwards.</summary>
    public EntryState StateBefore() => _beforeBatch ?? StateOf(Batch!.Origin.Source);

    public KeyPosition Save(DateTimeOffset? from) => new()
    {
        Stream = _stream,
        TrId = _feed.TrId,
        Key = _key,
        Offset = Offset,
        From = from,
        Sources = new Dictionary<string, SourceWatermark>(_sources.All, StringComparer.Ordinal),
        KeyEpoch = _filter.Ownership.Epoch,
        Holder = _filter.Ownership.Holder,
        IsReleased = _filter.Ownership.IsReleased,
    };

    /// <summary>Continues behind a position.</summary>
    /// <exception cref="ArgumentException">It is the position of another key or stream.</exception>
    public void Restore(KeyPosition position)
    {
        if (position.Stream != _stream || position.TrId != _feed.TrId || position.Key != _key)
        {
            throw new ArgumentException(
                $"the position belongs to {position.TrId} in {position.Stream}, and cannot be used for {_feed.TrId} in {_stream}",
                nameof(position));
        }
        _progress.Rewind(position.Offset);
        _sources.Restore(position.Sources);
        _filter.Ownership.State = (position.KeyEpoch, position.Holder, position.IsReleased);
    }

    private void AddItem(in BatchEntry entry)
    {
        var source = Batch!.Origin.Source;
        if (entry.Kind == EntryKind.Frame)
        {
            if (_filter.AcceptsFrame(source, entry, out var isMoved))
                AddItem(new CaptureItem(_file, new Frame(entry.Content, entry.At) { StatedDay = entry.StatedDay }), isMoved);
        }
        else if (entry.Kind == EntryKind.Event
            && CaptureLine.TryRead(entry.Content, out var line)
            && line.Event is { } captureEvent
            && _filter.AcceptsEvent(source, entry, captureEvent, out var isMoved))
        {
            AddItem(new CaptureItem(_file, captureEvent), isMoved);
        }
    }

    private void AddItem(in CaptureItem item, bool isMoved)
    {
        if (isMoved)
            Add(CaptureEventKind.Interrupted, GapReason.Moved, item.At);
        Items.Add(item);
    }

    private void Add(CaptureEventKind kind, GapReason reason, DateTimeOffset at) =>
        Items.Add(new CaptureItem(_file, new CaptureEvent { Kind = kind, At = at, TrId = _feed.TrId, Key = _key, Reason = reason }));

    private EntryState StateOf(string source) => new(source, _sources.Of(source), _filter.Ownership.State);
}

/// <summary>The state before an entry.</summary>
/// <param name="Source">The source of the entry.</param>
/// <param name="Watermark">How far the source was read; <see langword="null"/> if nothing of it was.</param>
/// <param name="Ownership">Who had the key.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryState(
    string Source, SourceWatermark? Watermark, (uint Epoch, string? Holder, bool IsReleased) Ownership)
{
    /// <summary>Returns a position before the entry.</summary>
    /// <param name="after">The position behind it.</param>
    public KeyPosition ApplyTo(KeyPosition after)
    {
        var sources = new Dictionary<string, SourceWatermark>(after.Sources, StringComparer.Ordinal);
        if (Watermark is { } watermark)
            sources[Source] = watermark;
        else
            sources.Remove(Source);
        return after with { Sources = sources, KeyEpoch = Ownership.Epoch, Holder = Ownership.Holder, IsReleased = Ownership.IsReleased };
    }
}
