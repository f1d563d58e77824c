using System.Buffers;
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
    public static void BeginEvent(IBufferWriter<byte> text, ReadOnlySpan<byte> id, StreamItemKind kind)
    {
        if (!id.IsEmpty)
        {
            text.Write("id: "u8);
            text.Write(id);
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
    /// <summary>Whether recorded frames are written as they are, by <see cref="WriteFrame"/>.</summary>
    bool TakesFrames => false;

    /// <summary>Writes an item. Returns the length of what was written, roughly.</summary>
    /// <param name="output">The connection.</param>
    /// <param name="item">The item.</param>
    /// <param name="renderer">Writes the JSON of the item, once for all streams.</param>
    /// <param name="names">The naming style of JSON members.</param>
    int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names);

    /// <summary>Writes a recorded record. Returns the length of what was written, roughly.</summary>
    /// <param name="output">The connection.</param>
    /// <param name="text">The record as a server-sent event.</param>
    /// <param name="json">The JSON in it.</param>
    int WriteRecorded(IBufferWriter<byte> output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> json) => throw new NotSupportedException();

    /// <summary>Writes a recorded frame. Returns the length of what was written, roughly.</summary>
    int WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame) => throw new NotSupportedException();

    /// <summary>Writes what it holds back. Called before the output is flushed.</summary>
    void Complete(IBufferWriter<byte> output)
    {
    }
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

    public int WriteRecorded(IBufferWriter<byte> output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> json)
    {
        output.Write(text);
        return text.Length;
    }
}

/// <summary>Text messages of a WebSocket: each with one item as JSON, or with one or more lines of a capture.</summary>
/// <param name="lines">Writes items as lines of a capture; <see langword="null"/> for their JSON.</param>
internal sealed class WebSocketFormatter(CaptureLineFormatter? lines) : IStreamFormatter
{
    // Clients read shorter messages in place.
    private const int MaxMessage = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    public bool TakesFrames => lines is not null;

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
        _ = lines.Write(_line, item, renderer, names);
        return AddLine(output);
    }

    public int WriteRecorded(IBufferWriter<byte> output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> json) => WriteMessage(output, json);

    public int WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame)
    {
        _ = lines!.WriteFrame(_line, feed, frame);
        return AddLine(output);
    }

    public void Complete(IBufferWriter<byte> output)
    {
        if (_lines.WrittenCount == 0)
            return;
        WriteMessage(output, _lines.WrittenSpan[..^1]);
        _lines.ResetWrittenCount();
    }

    private int AddLine(IBufferWriter<byte> output)
    {
        var length = _line.WrittenCount;
        if (_lines.WrittenCount + length > MaxMessage)
            Complete(output);
        _lines.Write(_line.WrittenSpan);
        _line.ResetWrittenCount();
        return length;
    }

    private static int WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Advance(WebSocketFrameHeader.Write(output.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, text.Length));
        output.Write(text);
        return text.Length;
    }
}

/// <summary>
/// Lines of a capture, so that what was received can be read like one: a live record as the time of its frame and a frame with this record alone, a recorded
/// frame as it was recorded, everything else as an event.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class CaptureLineFormatter(TimeProvider time) : IStreamFormatter
{
    private readonly FrameLineWriter _lines = new();
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    public bool TakesFrames => true;

    public int WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame)
    {
        _last = frame.ReceivedAt;
        _lines.Write(output, feed.TrId, frame);
        return frame.Bytes.Length;
    }

    public int Write(IBufferWriter<byte> output, StreamItem item, StreamItemRenderer renderer, NameStyle names)
    {
        switch (item.Event)
        {
            case null when item.Kind == StreamItemKind.Record && item.Frame.Length > 0:
                return WriteFrame(output, item.Feed!, FrameOf(item));
            case MalformedFrame when item is { Frame.Length: > 0, Feed: not null }:
                return WriteFrame(output, item.Feed, FrameOf(item));
            case MalformedFrame { Raw.IsEmpty: false } malformed when item.Feed is { IsNotice: false } feed:
                return WriteFrame(output, feed, new Frame(malformed.Raw, item.ReceivedAt));
            case Gap gap:
                CaptureLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Gap, At = At(gap.To), TrId = item.TrId, Key = item.Key!.Key, Reason = gap.Reason, From = gap.From, To = gap.To, Frames = gap.Frames });
                break;
            case Interruption interruption:
                CaptureLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = At(interruption.At), TrId = item.TrId, Key = item.Key!.Key, Reason = interruption.Reason });
                break;
            case MalformedFrame malformed:
                CaptureLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Malformed, At = At(malformed.ReceivedAt), TrId = item.TrId, Key = item.Key?.Key, Code = JsonName.Of(malformed.Error.Kind), Text = malformed.Error.ToString() });
                break;
            default:
                WriteOther(output, renderer.RenderJson(item, names), item.Kind);
                break;
        }

        return StreamItem.Overhead;
    }

    private static Frame FrameOf(StreamItem item) => new(item.Frame, item.ReceivedAt) { StatedDay = item.Shape.StatedDay };

    // Readers of captures ignore these events.
    private void WriteOther(IBufferWriter<byte> output, ReadOnlySpan<byte> json, StreamItemKind kind)
    {
        output.Write("# {\"at\":\""u8);
        CaptureLine.WriteTime(output, At(null));
        output.Write("\",\"event\":\""u8);
        output.Write(StreamText.NameOf(kind));
        output.Write("\","u8);
        output.Write(json[1..]);
        output.Write("\n"u8);
    }

    // Times never go back within a capture. An event just before a record has the time of the record at most.
    private DateTimeOffset At(DateTimeOffset? at) => _last = at is { } known && known > _last ? known : at is null && time.GetUtcNow() is var now && now > _last ? now : _last;
}
