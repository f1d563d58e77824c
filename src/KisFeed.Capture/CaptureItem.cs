namespace KisFeed.Capture;

/// <summary>One item of a capture: a frame, an event that stands where it happened, or a problem with what stands there.</summary>
public readonly struct CaptureItem
{
    internal CaptureItem(CaptureFile file, Frame frame)
    {
        File = file;
        Frame = frame;
        At = frame.ReceivedAt;
    }

    internal CaptureItem(CaptureFile file, CaptureEvent happened)
    {
        File = file;
        Event = happened;
        At = happened.At;
    }

    internal CaptureItem(CaptureFile file, CaptureProblem problem, DateTimeOffset at)
    {
        File = file;
        Problem = problem;
        At = at;
    }

    /// <summary>The file that it stands in.</summary>
    public CaptureFile File { get; }

    /// <summary>When it was received or happened; of a problem, the time of what stands before it in the file.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether this is a frame.</summary>
    public bool IsFrame => Event is null && Problem is null;

    /// <summary>The frame, where this is one: as received, and not checked. Its bytes are the consumer's own.</summary>
    public Frame Frame { get; }

    /// <summary>The event, where this is one.</summary>
    public CaptureEvent? Event { get; }

    /// <summary>The problem, where this is one.</summary>
    public CaptureProblem? Problem { get; }
}
