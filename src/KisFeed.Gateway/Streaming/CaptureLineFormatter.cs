using System.Buffers;
using KisFeed.Capture.Files;
using KisFeed.Gateway.Dispatching;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// Lines of a capture, so that what was received can be read like one: a live record as the time of its frame and a frame with this record
/// alone, a recorded frame as it was recorded, everything else as an event.
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
                CaptureLine.Write(output, new CaptureEvent
                {
                    Kind = CaptureEventKind.Gap,
                    At = At(gap.To),
                    TrId = item.TrId,
                    Key = item.Key!.Key,
                    Reason = gap.Reason,
                    From = gap.From,
                    To = gap.To,
                    Frames = gap.Frames,
                });
                break;
            case Interruption interruption:
                CaptureLine.Write(output, new CaptureEvent
                {
                    Kind = CaptureEventKind.Interrupted,
                    At = At(interruption.At),
                    TrId = item.TrId,
                    Key = item.Key!.Key,
                    Reason = interruption.Reason,
                });
                break;
            case MalformedFrame malformed:
                CaptureLine.Write(output, new CaptureEvent
                {
                    Kind = CaptureEventKind.Malformed,
                    At = At(malformed.ReceivedAt),
                    TrId = item.TrId,
                    Key = item.Key?.Key,
                    Code = JsonName.Of(malformed.Error.Kind),
                    Text = malformed.Error.ToString(),
                });
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
    private DateTimeOffset At(DateTimeOffset? at) =>
        _last = at is { } known && known > _last ? known : at is null && time.GetUtcNow() is var now && now > _last ? now : _last;
}
