using System.Buffers;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Files;

/// <summary>The days that the lines of a file have stated for the frames of its feeds, up to the current line.</summary>
internal sealed class StatedDays
{
    private readonly Dictionary<byte[], DateOnly> _days = new(Utf8KeyComparer.Instance);

    /// <summary>Reads an event. A day is valid until the next one, or until a recorder begins.</summary>
    /// <returns>Whether it states a day, and nothing else.</returns>
    public bool TryRead(CaptureEvent captureEvent)
    {
        if (captureEvent.TrId is { } trId && captureEvent.Kind is CaptureEventKind.Day or CaptureEventKind.Capture)
        {
            var feed = Encoding.UTF8.GetBytes(trId);
            if (captureEvent.Day is { } day)
                _days[feed] = day;
            else
                _days.Remove(feed);
        }

        return captureEvent.Kind == CaptureEventKind.Day;
    }

    /// <summary>Returns a frame with the day that is stated for its feed.</summary>
    public Frame On(in Frame frame) =>
        _days.Count > 0
        && DataFrame.TryParse(frame.Bytes.Span, out var parsed, out _)
        && _days.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(parsed.TrId, out var day)
            ? frame with { StatedDay = day }
            : frame;
}

/// <summary>Writes frames of any feeds as lines of a capture, with a line before a frame if its source states another day than for the one before.</summary>
internal sealed class FrameLines
{
    private readonly Dictionary<string, DateOnly> _days = new(StringComparer.Ordinal);

    /// <summary>Writes a frame.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="trId">The feed.</param>
    /// <param name="frame">The frame.</param>
    public void Write(IBufferWriter<byte> output, string trId, in Frame frame)
    {
        if (frame.StatedDay is not null || _days.Count > 0)
            WriteDay(output, trId, frame);
        if (CaptureText.IsLine(frame.Bytes.Span))
            CaptureText.WriteFrame(output, frame.Bytes.Span, frame.ReceivedAt);
        else
            EventLine.WriteFrame(output, trId, frame.Bytes.Span, frame.ReceivedAt);
    }

    /// <summary>Writes an event.</summary>
    public void Write(IBufferWriter<byte> output, CaptureEvent captureEvent)
    {
        EventLine.Write(output, captureEvent);
        if (captureEvent is { Kind: CaptureEventKind.Capture, TrId: { } trId })
            _days.Remove(trId);
    }

    private void WriteDay(IBufferWriter<byte> output, string trId, in Frame frame)
    {
        if (frame.StatedDay == (_days.TryGetValue(trId, out var known) ? known : null))
            return;
        EventLine.Write(output, new CaptureEvent { Kind = CaptureEventKind.Day, At = frame.ReceivedAt, TrId = trId, Day = frame.StatedDay });
        if (frame.StatedDay is { } day)
            _days[trId] = day;
        else
            _days.Remove(trId);
    }
}
