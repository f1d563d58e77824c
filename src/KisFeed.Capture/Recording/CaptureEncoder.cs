using System.Collections.Immutable;
using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Capture.Recording;

/// <summary>Writes the items of a tap into a capture: frames as received, events as event lines.</summary>
internal sealed class CaptureEncoder(CaptureWriter writer, FeedCatalog catalog, bool notices)
{
    /// <summary>The series of files for frames of unknown feeds.</summary>
    public const string UnknownFeed = "UNKNOWN";

    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private ImmutableList<CaptureRefusal> _refusals = [];

    /// <summary>Registrations that were refused permanently. Thread-safe.</summary>
    public ImmutableList<CaptureRefusal> Refusals => Volatile.Read(ref _refusals);

    public long Gaps { get; private set; }

    /// <summary>Malformed messages that were reported by an event, but not written.</summary>
    public long Withheld { get; private set; }

    public void Write(in FrameItem item)
    {
        if (item.IsFrame)
        {
            _last = item.Frame.ReceivedAt;
            Write(item.TrId!, item.Frame);
        }
        else if (item.Event is MalformedFrame malformed)
        {
            _last = malformed.ReceivedAt;
            Write(malformed);
        }
        else if (item.Event is not DataEnded)
        {
            writer.Write(EventOf(item));
        }
    }

    /// <summary>Writes a gap in place of a frame that cannot be written because of a bug.</summary>
    public void WriteMissing(in FrameItem item)
    {
        var malformed = item.Event as MalformedFrame;
        if (!item.IsFrame && malformed is null)
            return;
        Gaps++;
        Withheld++;
        var at = malformed?.ReceivedAt ?? item.Frame.ReceivedAt;
        writer.Write(new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = at,
            TrId = item.TrId,
            From = at,
            Reason = GapReason.NotRecorded,
            Frames = 1,
            Text = "a frame could not be recorded",
        });
    }

    /// <summary>
    /// Writes that nothing could be written for a while. The event has the time of the last written item, because queued items are
    /// older than the end of that period.
    /// </summary>
    public void WriteStorage(DateTimeOffset from, DateTimeOffset to, string problem) =>
        writer.Write(new CaptureEvent { Kind = CaptureEventKind.Storage, At = _last, From = from, To = to, Text = problem });

    public void WriteEnd(DateTimeOffset at) =>
        writer.Write(new CaptureEvent { Kind = CaptureEventKind.Closed, At = at > _last ? at : _last });

    // A frame that is too long for readers is replaced by a gap.
    private void Write(string trId, in Frame frame)
    {
        var at = frame.ReceivedAt;
        if (frame.Bytes.Length <= CaptureWriter.MaxFrameLength)
        {
            writer.Write(trId, frame.Bytes.Span, at, frame.StatedDay);
            return;
        }

        Gaps++;
        Withheld++;
        writer.Write(new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = at,
            TrId = trId,
            From = at,
            Reason = GapReason.NotRecorded,
            Frames = 1,
            Text = string.Create(CultureInfo.InvariantCulture, $"a frame of {frame.Bytes.Length} bytes is too long to be recorded"),
        });
    }

    private CaptureEvent EventOf(in FrameItem item)
    {
        var captureEvent = TapEvents.ToCaptureEvent(item, _last);
        if (captureEvent.Kind == CaptureEventKind.Gap)
            Gaps++;
        if (item.Event is RegistrationRefused refusal)
            Volatile.Write(ref _refusals, _refusals.Add(new CaptureRefusal(item.Feed!, item.Key!, refusal)));
        if (captureEvent.At > _last)
            _last = captureEvent.At;
        return captureEvent;
    }

    // A control message may contain keys, and a notice frame may contain notices that were not selected, so
    // only an event is written for them.
    private void Write(MalformedFrame malformed)
    {
        var raw = malformed.Raw.Span;
        var feed = FeedOf(raw);
        if (DataFrame.IsDataFrame(raw) && (notices || feed is not { IsNotice: true }))
        {
            Write(feed?.TrId ?? UnknownFeed, new Frame(malformed.Raw, malformed.ReceivedAt));
            return;
        }

        Withheld++;
        writer.Write(new CaptureEvent { Kind = CaptureEventKind.Malformed, At = malformed.ReceivedAt, Text = malformed.Error.ToString() });
    }

    private FeedSchema? FeedOf(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < 2 || raw[1] != (byte)'|')
            return null;
        var trId = raw[2..];
        var end = trId.IndexOf((byte)'|');
        return catalog.TryGet(end < 0 ? trId : trId[..end], out var feed) ? feed : null;
    }
}
