using System.Buffers;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>The form of items on a connection.</summary>
internal interface IStreamFormatter
{
    void Write(IBufferWriter<byte> output, StreamItem item);

    /// <summary>Creates the sink that writes the recorded past in this form.</summary>
    PastSink NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer);

    /// <summary>Writes what it holds back. Called before the output is flushed.</summary>
    void Complete(IBufferWriter<byte> output)
    {
        // Most forms hold nothing back.
    }
}

/// <summary>A form in which recorded frames are written as they are.</summary>
internal interface IFrameFormatter : IStreamFormatter
{
    void WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame);

    PastSink IStreamFormatter.NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer) => new FramePastSink(keys, after, this, writer);
}

/// <summary>Items as JSON.</summary>
internal abstract class JsonFormatter(StreamItemRenderer renderer, NameStyle names) : IStreamFormatter
{
    private StreamItemWriter? _recorded;

    public virtual void Write(IBufferWriter<byte> output, StreamItem item) => Write(output, renderer.Render(item, names), item.JsonOffset);

    public void WriteRecord(IBufferWriter<byte> output, HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        _recorded ??= new StreamItemWriter(renderer.Epoch);
        var offset = _recorded.WriteRecorded(key, fields, position, receivedAt, names);
        Write(output, _recorded.Text, offset);
    }

    public PastSink NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer) => new RecordPastSink(keys, after, this, writer);

    /// <summary>Writes the text of an item, in which the JSON begins at an offset.</summary>
    protected abstract void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset);
}

/// <summary>Server-sent events. A heartbeat is a comment, which programs do not see.</summary>
internal sealed class SseFormatter(StreamItemRenderer renderer, NameStyle names) : JsonFormatter(renderer, names)
{
    public override void Write(IBufferWriter<byte> output, StreamItem item)
    {
        if (item.Kind == StreamItemKind.Heartbeat)
            output.Write(": heartbeat\n\n"u8);
        else
            base.Write(output, item);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset) => output.Write(text);
}

/// <summary>Text messages of a WebSocket, each with one item as JSON.</summary>
internal sealed class WebSocketFormatter(StreamItemRenderer renderer, NameStyle names) : JsonFormatter(renderer, names)
{
    public static void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Advance(WebSocketFrameHeader.Write(output.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, text.Length));
        output.Write(text);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset) => WriteMessage(output, StreamText.JsonOf(text, jsonOffset));
}

/// <summary>Text messages of a WebSocket, each with one or more lines of a capture.</summary>
internal sealed class WebSocketLineFormatter(CaptureLineFormatter lines) : IFrameFormatter
{
    // Clients read shorter messages in place.
    private const int MaxMessage = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    public void Write(IBufferWriter<byte> output, StreamItem item)
    {
        lines.Write(_line, item);
        AddLine(output);
    }

    public void WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame)
    {
        lines.WriteFrame(_line, feed, frame);
        AddLine(output);
    }

    public void Complete(IBufferWriter<byte> output)
    {
        if (_lines.WrittenCount == 0)
            return;
        WebSocketFormatter.WriteMessage(output, _lines.WrittenSpan[..^1]);
        _lines.ResetWrittenCount();
    }

    private void AddLine(IBufferWriter<byte> output)
    {
        if (_lines.WrittenCount + _line.WrittenCount > MaxMessage)
            Complete(output);
        _lines.Write(_line.WrittenSpan);
        _line.ResetWrittenCount();
    }
}

/// <summary>
/// Lines of a capture, so that what was received can be read like one: a live record as the time of its frame and a frame with this record alone, a recorded
/// frame as it was recorded, everything else as an event.
/// </summary>
internal sealed class CaptureLineFormatter(StreamItemRenderer renderer, NameStyle names, TimeProvider time) : IFrameFormatter
{
    private readonly FrameLineWriter _lines = new();
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    public void WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame)
    {
        _last = frame.ReceivedAt;
        _lines.Write(output, feed.TrId, frame);
    }

    public void Write(IBufferWriter<byte> output, StreamItem item)
    {
        switch (item.Event)
        {
            case null when item.Kind == StreamItemKind.Record && item.Frame.Length > 0:
                WriteFrame(output, item.Feed!, FrameOf(item));
                break;
            case MalformedFrame when item is { Frame.Length: > 0, Feed: not null }:
                WriteFrame(output, item.Feed, FrameOf(item));
                break;
            case MalformedFrame { Raw.IsEmpty: false } malformed when item.Feed is { IsNotice: false } feed:
                WriteFrame(output, feed, new Frame(malformed.Raw, item.ReceivedAt));
                break;
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
