using KisFeed.Capture;
using KisFeed.Capture.Recording;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>Adds recorded and live items to batches, each once. Not thread-safe.</summary>
/// <param name="assembler">Collects the batches.</param>
/// <param name="epochs">When the publisher had which key.</param>
/// <param name="startAt">The time up to which frames were handled before.</param>
/// <param name="recorderStartedAt">When the recorder was started; <see langword="null"/> if there is none.</param>
/// <param name="continues">Whether an earlier publisher handled what is before.</param>
internal sealed class ItemHandler(
    BatchAssembler assembler, KeyEpochs epochs, DateTimeOffset startAt, DateTimeOffset? recorderStartedAt, bool continues)
{
    private readonly HandledItems _handled = new() { LastFrameAt = startAt };
    private bool _isJoining;

    // Data is missing between the end of the earlier publisher and the start of the recorder. It is reported
    // once, before the first later item.
    private bool _reportsStart = continues && recorderStartedAt > startAt;

    /// <summary>The time of the last frame.</summary>
    public DateTimeOffset LastFrameAt => _handled.LastFrameAt;

    /// <summary>
    /// From here on items are read from the capture. Keys that were released before the last frame were reported by the tap.
    /// </summary>
    public void LeaveLive() => epochs.ForgetReleased(LastFrameAt);

    /// <summary>From here on items are live, but those that the capture had are not added again.</summary>
    public void BeginJoin(DateTimeOffset now)
    {
        ReportStart();
        AddReleased(now);
        epochs.EndRestored(now);
        _isJoining = true;
    }

    /// <summary>Adds an item of the capture, unless it was added before, or the publisher did not have the key then.</summary>
    public bool TryAddRecorded(in CaptureItem item)
    {
        if (item.At >= recorderStartedAt)
            ReportStart();
        AddReleased(item.At);
        if (!item.IsFrame)
        {
            if (ToEvent(item) is not { } captureEvent || _handled.HasEvent(captureEvent) || !assembler.TryAddRecorded(captureEvent))
                return false;
            _handled.AddEvent(captureEvent);
            return true;
        }

        if (_handled.HasFrame(item.At))
            return false;
        var isAdded = assembler.TryAddRecorded(item.Frame);
        _handled.AddFrame(item.At);
        return isAdded;
    }

    /// <summary>Adds an item of the tap.</summary>
    /// <param name="item">The item.</param>
    /// <param name="isRecording">Whether frames that the queue has dropped are read from the capture.</param>
    public void AddLive(in FrameItem item, bool isRecording)
    {
        if (item.IsFrame)
            AddLive(item.Frame);
        else if (item.Event is MalformedFrame malformed && DataFrame.IsDataFrame(malformed.Raw.Span) && item.Feed is not { IsNotice: true })
            AddLive(new Frame(malformed.Raw, malformed.ReceivedAt));
        else if (ToEvent(item, isRecording) is { } captureEvent && !(_isJoining && _handled.HasEvent(captureEvent)))
            Add(captureEvent);
    }

    private void AddLive(in Frame frame)
    {
        if (_isJoining && _handled.HasFrame(frame.ReceivedAt))
            return;
        _isJoining = false;
        assembler.AddFrame(frame);
        _handled.AddFrame(frame.ReceivedAt);
    }

    // The capture has the releases of the recorder, which may keep the key.
    private void AddReleased(DateTimeOffset upTo)
    {
        while (epochs.TakeReleased(upTo) is { } period)
        {
            var captureEvent =
                new CaptureEvent { Kind = CaptureEventKind.Released, At = period.Until!.Value, TrId = period.Feed, Key = period.Key };
            if (_handled.HasEvent(captureEvent))
                continue;
            assembler.AddReleased(captureEvent, period.Epoch);
            _handled.AddEvent(captureEvent);
        }
    }

    private void ReportStart()
    {
        if (!_reportsStart)
            return;
        _reportsStart = false;
        Add(new CaptureEvent { Kind = CaptureEventKind.Capture, At = recorderStartedAt!.Value, IsStart = true });
    }

    private void Add(CaptureEvent captureEvent)
    {
        assembler.AddEvent(captureEvent);
        _handled.AddEvent(captureEvent);
    }

    // Headers of files are needed only where a recorder started, or where a file was lost, which the text says. The current recorder's
    // start is reported once for all feeds.
    private CaptureEvent? ToEvent(in CaptureItem item)
    {
        if (item.Problem is not null)
            return new CaptureEvent { Kind = CaptureEventKind.Gap, At = item.At, TrId = item.File.TrId, Reason = GapReason.Unreadable };
        var captureEvent = item.Event!;
        return captureEvent.Kind switch
        {
            CaptureEventKind.Capture =>
                captureEvent.IsStart && (captureEvent.At < recorderStartedAt || captureEvent.Text is not null) ? captureEvent : null,
            CaptureEventKind.First or CaptureEventKind.Storage or CaptureEventKind.Clock or CaptureEventKind.Closed
                or CaptureEventKind.Unknown => null,
            _ => captureEvent,
        };
    }

    private CaptureEvent? ToEvent(in FrameItem item, bool isRecording)
    {
        switch (item.Event)
        {
            case DataEnded or FirstFrame:
            case Gap { Reason: GapReason.QueueOverflow } when isRecording:
                return null;
            case MalformedFrame malformed:
                return new CaptureEvent { Kind = CaptureEventKind.Malformed, At = malformed.ReceivedAt, Text = malformed.Error.ToString() };
            default:
                var captureEvent = TapEvents.ToCaptureEvent(item, _handled.LastAt);
                return isRecording ? captureEvent with { Frames = null } : captureEvent;
        }
    }
}
