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

    public Frame On(in Frame frame) =>
        _days.Count > 0
        && DataFrame.TryParse(frame.Bytes.Span, out var parsed, out _)
        && _days.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(parsed.TrId, out var day)
            ? frame with { StatedDay = day }
            : frame;
}
