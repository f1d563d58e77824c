namespace KisFeed.Capture;

/// <summary>One item of a capture: a frame, an event, or a problem, at its position in the capture.</summary>
public readonly struct CaptureItem
{
    internal CaptureItem(CaptureFile file, Frame frame)
    {
        File = file;
        Frame = frame;
        At = frame.ReceivedAt;
    }

    internal CaptureItem(CaptureFile file, CaptureEvent captureEvent)
    {
        File = file;
        Event = captureEvent;
        At = captureEvent.At;
    }

    internal CaptureItem(CaptureFile file, CaptureProblem problem, DateTimeOffset at)
    {
        File = file;
        Problem = problem;
        At = at;
    }

    /// <summary>The file that contains it.</summary>
    public CaptureFile File { get; }

    /// <summary>The time when it was received or happened; for a problem, the time of the item before it in the file.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether this is a frame.</summary>
    public bool IsFrame => Event is null && Problem is null;

    /// <summary>
    /// The frame, if this is one: as received and not checked. The consumer may keep its bytes, unless
    /// <see cref="CaptureReaderOptions.ReusesBuffers"/> is set.
    /// </summary>
    public Frame Frame { get; }

    /// <summary>The event, if this is one.</summary>
    public CaptureEvent? Event { get; }

    /// <summary>The problem, if this is one.</summary>
    public CaptureProblem? Problem { get; }
}
