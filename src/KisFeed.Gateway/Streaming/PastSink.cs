using KisFeed.Capture;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// Writes the recorded past of some keys to a connection, with no objects for its records: a hundred streams together read millions of them in
/// a second.
/// </summary>
internal abstract class PastSink(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer) : RecordedItemSink(keys, after)
{
    /// <summary>Keys whose gaps are not written any more.</summary>
    public IReadOnlySet<HubKey> Interrupted { get; set; } = new HashSet<HubKey>();

    protected OutletWriter Writer => writer;

    protected override void Add(StreamItem item)
    {
        if (item.Key is null || !Interrupted.Contains(item.Key.HubKey))
            writer.Write(item);
    }
}

internal sealed class RecordPastSink(IEnumerable<HistoryKey> keys, HistoryPosition after, JsonFormatter formatter, OutletWriter writer)
    : PastSink(keys, after, writer)
{
    protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt) =>
        formatter.WriteRecord(Writer.Output, key, fields, position, receivedAt);
}

/// <summary>Writes each frame as it was recorded, or those of its records that are wanted.</summary>
internal sealed class FramePastSink(IEnumerable<HistoryKey> keys, HistoryPosition after, IFrameFormatter formatter, OutletWriter writer)
    : PastSink(keys, after, writer)
{
    private readonly List<(FeedSchema Feed, byte[] Frame)> _parts = []; // Records of the current frame, if it has several.
    private Frame _frame;

    public override bool TakesFrames => true;

    public override void OnFrame(CaptureFile file, in Frame frame) => _frame = frame;

    public override void EndFrame()
    {
        if (_parts.Count == 0)
            return;
        if (DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == _parts.Count)
        {
            Write(_parts[^1].Feed, _frame);
        }
        else
        {
            foreach (var (feed, part) in _parts)
                Write(feed, _frame with { Bytes = part });
        }

        _parts.Clear();
    }

    // Most frames have one record and are written at once; others when it is known whether all their records are wanted.
    protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        if (_parts.Count == 0 && DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == 1)
            Write(key.Feed, _frame);
        else
            _parts.Add((key.Feed, key.Frames.Of(fields.Text)));
    }

    private void Write(FeedSchema feed, in Frame frame) => formatter.WriteFrame(Writer.Output, feed, frame);
}

/// <summary>Makes items of the events in a recorded past.</summary>
internal abstract class RecordedItemSink(IEnumerable<HistoryKey> keys, HistoryPosition after) : HistorySink(keys, after)
{
    protected abstract void Add(StreamItem item);

    protected override void AddEvent(HistoryKey? key, FeedEvent feedEvent, HistoryPosition position)
    {
        var feed = key?.Feed ?? (feedEvent as MalformedFrame)?.Feed;
        Add(new StreamItem
        {
            Kind = feedEvent is Gap ? StreamItemKind.Gap : StreamItemKind.Malformed,
            IsRecorded = true,
            Position = position,
            Key = key,
            Feed = feed,
            TrId = feed?.TrId,
            ReceivedAt = feedEvent is Gap gap ? gap.To ?? gap.From ?? default : ((MalformedFrame)feedEvent).ReceivedAt,
            Event = feedEvent,
        });
    }
}
