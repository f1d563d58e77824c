using System.Buffers;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>The text around the JSON of a server-sent event (WHATWG HTML, section 9.2).</summary>
internal static class StreamText
{
    /// <summary>Writes the text before the JSON. Two line feeds follow the JSON.</summary>
    // [ "id: " id LF ] "event: " name LF "data: " json LF LF
    public static void BeginEvent(IBufferWriter<byte> text, string? id, StreamItemKind kind)
    {
        if (id is not null)
        {
            text.Write("id: "u8);
            Encoding.ASCII.GetBytes(id, text);
            text.Write("\n"u8);
        }

        text.Write("event: "u8);
        text.Write(NameOf(kind));
        text.Write("\ndata: "u8);
    }

    /// <summary>The name of an event.</summary>
    // Not "error": browsers fire that event when the connection is lost.
    public static ReadOnlySpan<byte> NameOf(StreamItemKind kind) => kind switch
    {
        StreamItemKind.Record => "record"u8,
        StreamItemKind.Gap => "gap"u8,
        StreamItemKind.Interruption => "interruption"u8,
        StreamItemKind.Malformed => "malformed"u8,
        StreamItemKind.Subscribed => "subscribed"u8,
        StreamItemKind.History => "history"u8,
        StreamItemKind.Live => "live"u8,
        StreamItemKind.Unsubscribed => "unsubscribed"u8,
        StreamItemKind.Refused => "refused"u8,
        StreamItemKind.Resumed => "resumed"u8,
        StreamItemKind.Heartbeat => "heartbeat"u8,
        StreamItemKind.End => "end"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>The form of items on a connection.</summary>
internal interface IStreamFormatter
{
    /// <summary>Writes an item. Returns the length of what was written, roughly.</summary>
    /// <param name="output">The connection.</param>
    /// <param name="item">The item.</param>
    /// <param name="renderer">Writes the JSON of the item, once for all streams.</param>
    /// <param name="names">The naming style of JSON members.</param>
    int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names);
}

/// <summary>Server-sent events. A heartbeat is a comment, which programs do not see.</summary>
internal sealed class SseFormatter : IStreamFormatter
{
    public static SseFormatter Instance { get; } = new();

    public int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names)
    {
        var text = item.Kind == StreamItemKind.Heartbeat ? ": heartbeat\n\n"u8 : renderer.Render(item, names);
        output.Write(text);
        return text.Length;
    }
}

/// <summary>Text messages of a WebSocket, each with one item.</summary>
/// <param name="lines">Writes items as lines of a capture; <see langword="null"/> for their JSON.</param>
internal sealed class WebSocketFormatter(CaptureLineFormatter? lines) : IStreamFormatter
{
    private readonly ArrayBufferWriter<byte> _line = new();

    public int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names)
    {
        if (item.Kind == StreamItemKind.Wire)
        {
            var wire = renderer.Render(item, names);
            output.Write(wire);
            return wire.Length;
        }

        if (lines is null)
            return WriteMessage(output, renderer.RenderJson(item, names));
        _line.ResetWrittenCount();
        lines.Write(_line, item, renderer, names);
        return WriteMessage(output, _line.WrittenSpan[..^1]);
    }

    private static int WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Advance(WebSocketFrameHeader.Write(output.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, text.Length));
        output.Write(text);
        return text.Length;
    }
}

/// <summary>
/// Lines of a capture, so that what was received can be read like one: a record as the time of its frame and a frame with this record alone, everything else
/// as an event.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class CaptureLineFormatter(TimeProvider time) : IStreamFormatter
{
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    public int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names)
    {
        switch (item.Event)
        {
            case null when item.Kind == StreamItemKind.Record && item.Frame.Length > 0:
                _last = item.ReceivedAt;
                CaptureText.WriteFrame(output, item.Frame, item.ReceivedAt);
                return item.Frame.Length;
            case Gap gap:
                EventLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Gap, At = At(gap.To), TrId = item.TrId, Key = item.Key!.Key, Reason = gap.Reason, From = gap.From, To = gap.To, Frames = gap.Frames });
                break;
            case Interruption interruption:
                EventLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = At(interruption.At), TrId = item.TrId, Key = item.Key!.Key, Reason = interruption.Reason });
                break;
            case MalformedFrame malformed:
                EventLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Malformed, At = At(malformed.ReceivedAt), TrId = item.TrId, Key = item.Key?.Key, Text = malformed.Error.ToString() });
                break;
            default:
                WriteOther(output, renderer.RenderJson(item, names), item.Kind);
                break;
        }

        return StreamItem.Overhead;
    }

    // Readers of captures ignore these events.
    private void WriteOther(IBufferWriter<byte> output, ReadOnlySpan<byte> json, StreamItemKind kind)
    {
        output.Write("# {\"at\":\""u8);
        CaptureText.WriteTime(output, At(null));
        output.Write("\",\"event\":\""u8);
        output.Write(StreamText.NameOf(kind));
        output.Write("\","u8);
        output.Write(json[1..]);
        output.Write("\n"u8);
    }

    // Times never go back within a capture. An event just before a record has the time of the record at most.
    private DateTimeOffset At(DateTimeOffset? at) => _last = at is { } known && known > _last ? known : at is null && time.GetUtcNow() is var now && now > _last ? now : _last;
}
