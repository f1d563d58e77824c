using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Converts the items of a capture, read for one feed, to the items of that feed.</summary>
internal sealed class RecordItems<TRecord>(FeedCatalog catalog, FeedSchema feed, string? key)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly byte[]? _key = key is null || feed.IsNotice ? null : Encoding.UTF8.GetBytes(key);
    private readonly List<FeedItem<TRecord>> _items = [];
    private readonly StringPool _texts = new();
    private readonly RecordReaderBuffer _scratch = new();
    private readonly GapTracker _gaps = new(catalog);

    /// <summary>The items that resulted from the last processed item.</summary>
    public IReadOnlyList<FeedItem<TRecord>> Items => _items;

    /// <summary>What is known of the key between two items; <see langword="null"/> if there was no record. Only with a key.</summary>
    public KeyHistoryState? State
    {
        get => _key is null ? null : _gaps.StateOf(feed, _key);
        set
        {
            if (_key is not null && value is not null)
                _gaps.Restore(feed, _key, value);
        }
    }

    public void Process(in CaptureItem item)
    {
        _items.Clear();
        if (item.Problem is { } problem)
        {
            _gaps.OnProblem(problem, item.File);
        }
        else if (item.Event is { } captureEvent)
        {
            if (key is not null && !feed.IsNotice && captureEvent.Key is not null && captureEvent.Key != key)
                return;
            _gaps.OnEvent(captureEvent);
            if (captureEvent.Kind == CaptureEventKind.Interrupted)
                Add(new Interruption { At = captureEvent.At, Reason = captureEvent.Reason ?? GapReason.ConnectionLost }, captureEvent.Key);
        }
        else
        {
            ReadRecords(item.Frame);
        }

        if (_gaps.HasUnfollowed)
        {
            throw new CaptureException($"{item.File.Path} has more keys than any recording: {GapTracker.Limit}. Select one key, "
                + "or read the frames, which are not checked");
        }
    }

    public void Complete()
    {
        _items.Clear();
        foreach (var (_, name, gap) in _gaps.DrainOpenGaps())
        {
            if (_key is null || name == key)
                Add(gap, name);
        }
    }

    private void ReadRecords(in Frame frame)
    {
        if (!TryRead(frame, out var reader, out var error))
        {
            Add(new MalformedFrame { Error = error, Raw = frame.Bytes, ReceivedAt = frame.ReceivedAt }, key);
            return;
        }

        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var of = feed.KeyOf(fields);
            if (_key is not null && !of.SequenceEqual(_key))
                continue;

            _gaps.TryTrack(feed, of, fields, frame.ReceivedAt, out var gap);
            if (gap is not null)
                Add(gap, Encoding.UTF8.GetString(of));
            if (TRecord.TryDecode(fields, _texts, frame.ReceivedAt, out var record, out error))
                _items.Add(new FeedItem<TRecord>(in record, feed.IsNotice ? key : _texts.TryGet(of, out var name) ? name : null));
            else
                Add(new MalformedFrame { Error = error, Raw = frame.Bytes, ReceivedAt = frame.ReceivedAt }, Encoding.UTF8.GetString(of));
        }
    }

    private bool TryRead(in Frame received, out RecordReader reader, out FrameError error)
    {
        reader = default;
        return DataFrame.TryParse(received, out var frame, out error) && PlainFrame.TryRead(feed, frame, _scratch, out reader, out error);
    }

    // The key column of a notice is not the HTS ID of its subscription.
    private void Add(FeedEvent captureEvent, string? of) =>
        _items.Add(new FeedItem<TRecord>(captureEvent with { Feed = feed, Key = feed.IsNotice ? key : of }));
}
