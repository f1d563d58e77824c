using KisFeed.Output;
using System.Buffers;

namespace KisFeed.Capture.Files;

/// <summary>
/// Writes frames of any feeds as lines of a capture, with a line before a frame if its source states another day than for the one before.
/// </summary>
internal sealed class FrameLineWriter
{
    private readonly Dictionary<string, DateOnly> _days = new(StringComparer.Ordinal);

    /// <summary>Writes a frame.</summary>
    public void Write(IBufferWriter<byte> output, string trId, in Frame frame)
    {
        if (frame.StatedDay is not null || _days.Count > 0)
            WriteDay(output, trId, frame);
        CaptureLine.Write(output, trId, frame.Bytes.Span, frame.ReceivedAt);
    }

    public void Write(IBufferWriter<byte> output, CaptureEvent captureEvent)
    {
        CaptureLine.Write(output, captureEvent);
        if (captureEvent is { Kind: CaptureEventKind.Capture, TrId: { } trId })
            _days.Remove(trId);
    }

    private void WriteDay(IBufferWriter<byte> output, string trId, in Frame frame)
    {
        if (frame.StatedDay == (_days.TryGetValue(trId, out var known) ? known : null))
            return;
        var day = new CaptureEvent { Kind = CaptureEventKind.Day, At = frame.ReceivedAt, TrId = trId, Day = frame.StatedDay };
        CaptureLine.Write(output, day);
        if (frame.StatedDay is { } stated)
            _days[trId] = stated;
        else
            _days.Remove(trId);
    }
}
