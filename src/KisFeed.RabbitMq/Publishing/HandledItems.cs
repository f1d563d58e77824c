namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// How far a publisher came, by the times of frames, which identify frames in the capture and in the live data alike. Events may have the
/// time of a frame, so those since the last frame are kept. Not thread-safe.
/// </summary>
internal sealed class HandledItems
{
    private const int MaxEvents = 10_000;

    private readonly List<(DateTimeOffset At, CaptureEvent Event)> _events = [];

    /// <summary>The time of the last frame.</summary>
    public DateTimeOffset LastFrameAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>The time of the last frame or event.</summary>
    public DateTimeOffset LastAt => _events.Count > 0 && _events[^1].At > LastFrameAt ? _events[^1].At : LastFrameAt;

    /// <summary>Whether a frame was handled, if frames come in the order of their times.</summary>
    public bool HasFrame(DateTimeOffset at) => at <= LastFrameAt;

    /// <summary>Whether an event was handled. The same event may have been handled from the capture or from the live data.</summary>
    public bool HasEvent(CaptureEvent captureEvent)
    {
        var at = TimeOf(captureEvent);
        return at < LastFrameAt || _events.Exists(handled => IsSame(handled.Event, captureEvent));
    }

    public void AddFrame(DateTimeOffset at)
    {
        LastFrameAt = at;
        if (_events.Count > 0)
            _events.RemoveAll(handled => handled.At < at);
    }

    public void AddEvent(CaptureEvent captureEvent)
    {
        if (_events.Count == MaxEvents)
            _events.RemoveAt(0);
        _events.Add((TimeOf(captureEvent), captureEvent));
    }

    // A gap is just before the frame that ends it.
    private static DateTimeOffset TimeOf(CaptureEvent captureEvent) =>
        captureEvent is { Kind: CaptureEventKind.Gap, To: { } to } && to > DateTimeOffset.MinValue ? to.AddTicks(-1) : captureEvent.At;

    // Two receivers of a gap may have got its time and the number of its frames differently.
    private static bool IsSame(CaptureEvent a, CaptureEvent b) =>
        a.Kind == b.Kind
        && a.TrId == b.TrId
        && a.Key == b.Key
        && a.Session == b.Session
        && (a.Kind == CaptureEventKind.Gap ? a.To == b.To && a.Reason == b.Reason : a.At == b.At);
}
