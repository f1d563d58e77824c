using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// Writes the recorded past of some keys to a connection, with no objects for its records: a hundred streams together
/// read millions of them in a second.
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
