using System.Runtime.InteropServices;
using KisFeed.Capture;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>Selects the entries of one key from those of its stream, with the gaps between them. Not thread-safe.</summary>
internal sealed class KeyEntries
{
    private readonly FeedSchema _feed;
    private readonly string _key;
    private readonly CaptureFile _file;
    private readonly KeyFilter _filter;

    public KeyEntries(FeedSchema feed, string key, string stream, ILogger logger)
    {
        (_feed, _key) = (feed, key);
        _file = new CaptureFile(stream, CaptureFileFormat.Text, 0) { TrId = feed.TrId };
        _filter = new KeyFilter(feed, key);
        Stream = new StreamEntries(stream, logger);
    }

    /// <summary>The entries of all keys.</summary>
    public StreamEntries Stream { get; }

    /// <summary>
    /// The items that result from the last message or the current entry: at most two causes of a gap, and a frame or an event.
    /// </summary>
    public List<CaptureItem> Items { get; } = [];

    /// <summary>Adds a message, as <see cref="StreamEntries.Add"/> does. <see cref="Items"/> has a gap if offsets have gone back.</summary>
    public void Add(in StreamMessage message, DateTimeOffset? from)
    {
        Items.Clear();
        if (Stream.Add(message, from) is { } batch && Stream.IsReplaced)
            Add(CaptureEventKind.Gap, GapReason.Unreadable, batch.Entries[0].At);
    }

    /// <summary>Begins the next batch, as <see cref="StreamEntries.TryNext"/> does.</summary>
    public bool TryNext(out int first)
    {
        Items.Clear();
        if (!Stream.TryNext(out first))
            return false;

        // Messages were deleted before they were read, or are malformed, or the publisher has no recorder.
        var batch = Stream.Batch!;
        if (Stream.IsMissing && _filter.Ownership.IsOf(batch.Origin.Source))
            Add(CaptureEventKind.Gap, GapReason.Unreadable, batch.Entries[first].At);
        return true;
    }

    /// <summary>Moves behind an entry of the batch, and adds to <see cref="Items"/> what it holds of the key.</summary>
    /// <param name="index">The index in the batch.</param>
    /// <param name="from">Frames and events before this time are left out.</param>
    public void Read(int index, DateTimeOffset? from)
    {
        var entry = Stream.Batch!.Entries[index];
        if (Stream.Advance(index) && !(entry.At < from))
            AddItem(entry);
    }

    /// <summary>What the next entry changes, so that a position before it can be made afterwards.</summary>
    public EntryState StateBefore() => new(Stream.Batch!.Origin.Source, Stream.WatermarkBefore, _filter.Ownership.State);

    public KeyPosition Save(DateTimeOffset? from) => new()
    {
        Stream = Stream.Name,
        TrId = _feed.TrId,
        Key = _key,
        Offset = Stream.Offset,
        From = from,
        Sources = new Dictionary<string, SourceWatermark>(Stream.Sources, StringComparer.Ordinal),
        KeyEpoch = _filter.Ownership.Epoch,
        Holder = _filter.Ownership.Holder,
        IsReleased = _filter.Ownership.IsReleased,
    };

    /// <summary>Continues behind a position.</summary>
    /// <exception cref="ArgumentException">It is the position of another key or stream.</exception>
    public void Restore(KeyPosition position)
    {
        if (position.Stream != Stream.Name || position.TrId != _feed.TrId || position.Key != _key)
        {
            throw new ArgumentException(
                $"the position belongs to {position.TrId} in {position.Stream}, and cannot be used for {_feed.TrId} in {Stream.Name}",
                nameof(position));
        }
        Stream.Restore(position.Offset, position.Sources);
        _filter.Ownership.State = (position.KeyEpoch, position.Holder, position.IsReleased);
    }

    private void AddItem(in BatchEntry entry)
    {
        var source = Stream.Batch!.Origin.Source;
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
