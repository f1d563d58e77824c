using System.Buffers;
using System.Text.Json;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// Creates the items of a single stream: answers to its requests, snapshots, its end. They have no id, since
/// a stream cannot resume after them.
/// </summary>
internal sealed class StreamControlItems(NameStyle names)
{
    /// <summary>The raw bytes of a WebSocket frame.</summary>
    public static StreamItem Wire(ReadOnlySpan<byte> bytes)
    {
        var item = new StreamItem { Kind = StreamItemKind.Wire };
        var copy = bytes.ToArray();
        item.SetText(NameStyle.English, copy, 0);
        item.SetText(NameStyle.Kis, copy, 0);
        return item;
    }

    public static StreamItem Heartbeat(DateTimeOffset now) => CreateObject(StreamItemKind.Heartbeat, json =>
        TimeText.WriteTime(json, "at"u8, now));

    public StreamItem Subscribed(StreamTarget target, bool isRegistered) => CreateObject(StreamItemKind.Subscribed, json =>
    {
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names);
        json.WriteBoolean("registered"u8, isRegistered);
    });

    public static StreamItem History(DateTimeOffset from, string? after) => CreateObject(StreamItemKind.History, json =>
    {
        TimeText.WriteTime(json, "from"u8, from);
        if (after is not null)
            json.WriteString("after"u8, after);
    });

    public static StreamItem Live(DateTimeOffset at, long gaps) => CreateObject(StreamItemKind.Live, json =>
    {
        TimeText.WriteTime(json, "at"u8, at);
        json.WriteNumber("gaps"u8, gaps);
    });

    public StreamItem Unsubscribed(StreamTarget target) => CreateObject(StreamItemKind.Unsubscribed, json =>
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names));

    public StreamItem Refused(StreamTarget target, BrokerCode? code, string reason) => CreateObject(StreamItemKind.Refused, json =>
    {
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names);
        json.WriteString("code"u8, code?.Value);
        json.WriteString("reason"u8, reason);
    });

    public static StreamItem Refused(string reason) => CreateObject(StreamItemKind.Refused, json =>
        json.WriteString("reason"u8, reason));

    public static StreamItem Resumed(string after, bool isComplete) => CreateObject(StreamItemKind.Resumed, json =>
    {
        json.WriteString("after"u8, after);
        json.WriteBoolean("complete"u8, isComplete);
    });

    /// <summary>A gap where a stream could not resume.</summary>
    /// <param name="target">The key.</param>
    /// <param name="from">When the last record before it was received, if known.</param>
    /// <param name="to">When the first record after it was received; <see langword="null"/> if there is none yet.</param>
    public StreamItem Gap(StreamTarget target, DateTimeOffset? from, DateTimeOffset? to) => Create(StreamItemKind.Gap, json =>
        ItemJson.WriteGap(json, target.Feed, target.Key, new Gap { Reason = GapReason.ConnectionLost, From = from, To = to }, names));

    public StreamItem Interruption(StreamTarget target, Interruption interruption) => Create(StreamItemKind.Interruption, json =>
        ItemJson.WriteInterruption(json, target.Feed, target.Key, interruption, names));

    /// <summary>The last record before the stream began; <see langword="null"/> if it cannot be read.</summary>
    public StreamItem? Snapshot(StreamTarget target, Frame frame)
    {
        var isReadable = false;
        var item = Create(StreamItemKind.Record, json =>
            isReadable = ItemJson.TryWriteFirstRecord(json, target.Feed, target.Key, frame, names, out _, isSnapshot: true));
        return isReadable ? item : null;
    }

    public static StreamItem End(string reason) => CreateObject(StreamItemKind.End, json =>
        json.WriteString("reason"u8, reason));

    // One object with the name of the event.
    private static StreamItem CreateObject(StreamItemKind kind, Action<Utf8JsonWriter> writeMembers) => Create(kind, json =>
    {
        json.WriteStartObject(StreamText.NameOf(kind));
        writeMembers(json);
        json.WriteEndObject();
    });

    private static StreamItem Create(StreamItemKind kind, Action<Utf8JsonWriter> writeMembers)
    {
        var text = new ArrayBufferWriter<byte>();
        StreamText.BeginEvent(text, id: null, kind);
        var offset = text.WrittenCount;
        using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        text.Write("\n\n"u8);
        var rendered = text.WrittenSpan.ToArray();
        var item = new StreamItem { Kind = kind };
        item.SetText(NameStyle.English, rendered, offset);
        item.SetText(NameStyle.Kis, rendered, offset);
        return item;
    }
}
