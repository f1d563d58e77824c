namespace KisFeed.Capture.Recording;

/// <summary>Converts the events of a tap to those of a capture.</summary>
internal static class TapEvents
{
    /// <summary>Converts an event that is not a <see cref="MalformedFrame"/>.</summary>
    /// <param name="item">The item with the event.</param>
    /// <param name="last">The time of the last item before it.</param>
    public static CaptureEvent ToCaptureEvent(in FrameItem item, DateTimeOffset last)
    {
        var captureEvent = item.Event switch
        {
            SessionConnected e => new CaptureEvent { Kind = CaptureEventKind.Connected, At = e.At, Session = e.Session },
            SessionLost e => new CaptureEvent { Kind = CaptureEventKind.Disconnected, At = e.At, Session = e.Session, Text = e.Problem },
            RegistrationConfirmed e => new CaptureEvent { Kind = CaptureEventKind.Registered, At = e.At, Session = e.Session },
            FirstFrame e => new CaptureEvent { Kind = CaptureEventKind.First, At = JustBefore(e.At, last) },
            RegistrationReleased e => new CaptureEvent { Kind = CaptureEventKind.Released, At = e.At },
            RegistrationRefused e => new CaptureEvent
            {
                Kind = CaptureEventKind.Refused,
                At = e.At,
                Code = e.Code?.Value,
                Text = e.BrokerText.Length > 0 ? e.BrokerText : e.Problem,
            },
            Interruption e => new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = e.At, Reason = e.Reason },
            Evicted e => new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = e.At, Reason = GapReason.Evicted },
            Gap e => new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = AtOf(e, last),
                From = e.From,
                To = e.To,
                Reason = e.Reason,
                Frames = e.Frames,
            },
            var other => throw new InvalidOperationException($"unexpected tap event {other!.GetType().Name}"),
        };
        return captureEvent with { TrId = item.TrId, Key = item.Key };
    }

    // A server's clock may be ahead of this machine's.
    private static DateTimeOffset AtOf(Gap gap, DateTimeOffset last) => !gap.IsUpstream && gap.To is { } to ? JustBefore(to, last) : last;

    // The frame keeps its own time.
    private static DateTimeOffset JustBefore(DateTimeOffset frame, DateTimeOffset last) =>
        frame.AddTicks(-1) > last ? frame.AddTicks(-1) : last;
}
