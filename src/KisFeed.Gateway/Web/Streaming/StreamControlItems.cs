using System.Buffers;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The items that are of one stream alone: what becomes of its wishes, its snapshots, its end. They have no id: there is nothing to go on from.</summary>
/// <param name="names">Which names members bear.</param>
internal sealed class StreamControlItems(NameStyle names)
{
    /// <summary>The bytes of a WebSocket frame that stand for themselves.</summary>
    public static StreamItem Wire(ReadOnlySpan<byte> bytes)
    {
        var item = new StreamItem { Kind = StreamItemKind.Wire };
        var copy = bytes.ToArray();
        item.SetText(NameStyle.English, copy, 0);
        item.SetText(NameStyle.Kis, copy, 0);
        return item;
    }

    /// <summary>Nothing has happened for a while. The same for every stream.</summary>
    public static StreamItem Heartbeat(DateTimeOffset now) => Create(StreamItemKind.Heartbeat, json =>
    {
        json.WriteStartObject("heartbeat"u8);
        TimeText.WriteMoment(json, "at"u8, now);
        json.WriteEndObject();
    });

    /// <summary>A key that the stream now has.</summary>
    /// <param name="target">The key.</param>
    /// <param name="isRegistered">Whether upstream has it too; it is asked for as soon as that can be where not.</param>
    public StreamItem Subscribed(StreamTarget target, bool isRegistered) => Create(StreamItemKind.Subscribed, json =>
    {
        json.WriteStartObject("subscribed"u8);
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names);
        json.WriteBoolean("registered"u8, isRegistered);
        json.WriteEndObject();
    });

    /// <summary>A key that the stream has no longer.</summary>
    public StreamItem Unsubscribed(StreamTarget target) => Create(StreamItemKind.Unsubscribed, json =>
    {
        json.WriteStartObject("unsubscribed"u8);
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names);
        json.WriteEndObject();
    });

    /// <summary>A key that the stream does not get, or no longer.</summary>
    /// <param name="target">The key.</param>
    /// <param name="code">The service's code, where there is one.</param>
    /// <param name="reason">Why, and what to do.</param>
    public StreamItem Refused(StreamTarget target, BrokerCode? code, string reason) => Create(StreamItemKind.Refused, json =>
    {
        json.WriteStartObject("refused"u8);
        ItemJson.WriteTarget(json, target.Feed.TrId, target.Key, names);
        json.WriteString("code"u8, code?.Value);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
    });

    /// <summary>A message, or a part of one, that makes no sense.</summary>
    public static StreamItem Refused(string reason) => Create(StreamItemKind.Refused, json =>
    {
        json.WriteStartObject("refused"u8);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
    });

    /// <summary>What became of the wish to go on where an earlier stream ended.</summary>
    /// <param name="after">The id behind which it was to go on.</param>
    /// <param name="isComplete">Whether nothing is missing.</param>
    public static StreamItem Resumed(string after, bool isComplete) => Create(StreamItemKind.Resumed, json =>
    {
        json.WriteStartObject("resumed"u8);
        json.WriteString("after"u8, after);
        json.WriteBoolean("complete"u8, isComplete);
        json.WriteEndObject();
    });

    /// <summary>What is missing where a stream could not go on.</summary>
    /// <param name="target">The key.</param>
    /// <param name="from">When the last record before it was received, where the stream got one.</param>
    /// <param name="to">When the first record behind it was received, where there is one yet.</param>
    public StreamItem Gap(StreamTarget target, DateTimeOffset? from, DateTimeOffset? to) => Create(StreamItemKind.Gap, json =>
        ItemJson.WriteGap(json, target.Feed, target.Key, new Gap { Reason = GapReason.ConnectionLost, From = from, To = to }, names));

    /// <summary>Since before the stream began, data may be missing.</summary>
    public StreamItem Interruption(StreamTarget target, Interruption interruption) => Create(StreamItemKind.Interruption, json =>
        ItemJson.WriteInterruption(json, target.Feed, target.Key, interruption, names));

    /// <summary>The last record that came before the stream began; <see langword="null"/> where it cannot be read.</summary>
    public StreamItem? Snapshot(StreamTarget target, ReadOnlyMemory<byte> bytes, DateTimeOffset receivedAt)
    {
        var isReadable = false;
        var item = Create(StreamItemKind.Record, json =>
            isReadable = ItemJson.TryWriteFirstRecord(json, target.Feed, target.Key, bytes.Span, receivedAt, names, out _, isSnapshot: true));
        return isReadable ? item : null;
    }

    /// <summary>The stream ends here.</summary>
    public static StreamItem End(string reason) => Create(StreamItemKind.End, json =>
    {
        json.WriteStartObject("end"u8);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
    });

    private static StreamItem Create(StreamItemKind kind, Action<Utf8JsonWriter> writeMembers)
    {
        var text = new ArrayBufferWriter<byte>();
        SseText.Begin(text, id: null, kind);
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
