using System.Globalization;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>Delivers the events that publishers send as those of a session.</summary>
internal static class PublishedEvents
{
    private static readonly FrameErrorKind[] s_kinds = Enum.GetValues<FrameErrorKind>();

    /// <summary>Delivers an event of a key.</summary>
    public static void Deliver(TapDelivery taps, DeliveredKey key, string source, in BatchEntry entry, CaptureEvent captureEvent)
    {
        if (!key.Ownership.TryAccept(source, entry.EpochOf(0), isFrame: false, out var isTakeover))
            return;
        var at = taps.Clock.EventAt(entry.At);
        if (isTakeover)
            key.Interrupt(GapReason.Moved, at);
        switch (captureEvent.Kind)
        {
            case CaptureEventKind.Registered:
                key.Confirm(SessionOf(source, captureEvent), at);
                break;
            case CaptureEventKind.Interrupted:
                key.Interrupt(captureEvent.Reason ?? GapReason.ConnectionLost, at, isReported: true);
                break;
            case CaptureEventKind.Gap:
                key.AddGap(new Gap
                {
                    Reason = captureEvent.Reason ?? GapReason.ConnectionLost,
                    From = captureEvent.From,
                    To = captureEvent.To,
                    Frames = captureEvent.Frames,
                    IsUpstream = true,
                });
                break;
            case CaptureEventKind.Refused when taps.OnRefused is { } onRefused:
                onRefused(key, RefusalBy(key, captureEvent));
                break;
            case CaptureEventKind.Released or CaptureEventKind.Refused:
                // Another publisher may take the key.
                if (key.Ownership.Release())
                    key.Interrupt(GapReason.Moved, at);
                break;
        }
    }

    /// <summary>Delivers an event that concerns no single key, and that all streams have.</summary>
    public static void Deliver(TapDelivery taps, string source, in BatchEntry entry, CaptureEvent captureEvent)
    {
        switch (captureEvent.Kind)
        {
            case CaptureEventKind.Connected:
                taps.DeliverOnce(
                    source, entry, new SessionConnected { At = taps.Clock.EventAt(entry.At), Session = SessionOf(source, captureEvent) });
                break;
            case CaptureEventKind.Disconnected:
                taps.DeliverOnce(source, entry, new SessionLost
                {
                    At = taps.Clock.EventAt(entry.At),
                    Session = SessionOf(source, captureEvent),
                    Problem = captureEvent.Text ?? "the session was lost",
                });
                break;
            case CaptureEventKind.Malformed:
                taps.DeliverMalformed(source, entry, null, ErrorOf(captureEvent.Text), default);
                break;
        }
    }

    /// <summary>Why data of all keys, or of all keys of a feed, may be missing; <see langword="null"/> if none is.</summary>
    public static GapReason? ReasonOf(CaptureEvent captureEvent) => captureEvent.Kind switch
    {
        CaptureEventKind.Capture when captureEvent.IsStart => GapReason.NotRecorded,
        CaptureEventKind.Gap or CaptureEventKind.Interrupted => captureEvent.Reason ?? GapReason.ConnectionLost,
        _ => null,
    };

    private static string SessionOf(string source, CaptureEvent captureEvent) =>
        captureEvent.Session is { } session ? $"{source}/{session}" : source;

    private static SubscribeRefusedException RefusalBy(DeliveredKey key, CaptureEvent captureEvent) => SubscribeRefusedException.By(
        key.Feed, captureEvent.Code is { } sent ? new BrokerCode(sent) : BrokerCode.InternalError, captureEvent.Text ?? "");

    // The message itself is not published, because it may contain keys.
    private static FrameError ErrorOf(string? text)
    {
        var begin = text?.LastIndexOf(" (byte ", StringComparison.Ordinal) ?? -1;
        if (begin < 0 || !int.TryParse(text.AsSpan((begin + 7)..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return new FrameError(FrameErrorKind.InvalidControlMessage, 0);
        foreach (var kind in s_kinds)
        {
            if (new FrameError(kind, position).ToString() == text)
                return new FrameError(kind, position);
        }

        return new FrameError(FrameErrorKind.InvalidControlMessage, position);
    }
}
