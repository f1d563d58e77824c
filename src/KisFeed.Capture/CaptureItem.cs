namespace KisFeed.Capture;

/// <summary>One item of a capture: a frame, an event that stands where it captureEvent, or a problem with what stands there.</summary>
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

    /// <summary>The file that it stands in.</summary>
    public CaptureFile File { get; }

    /// <summary>When it was received or captureEvent; of a problem, the time of what stands before it in the file.</summary>
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

/// <summary>A file of a capture, as it was found.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Form">How it holds its lines.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record CaptureFile(string Path, CaptureFileFormat Form, long Length)
{
    /// <summary>The feed that its head names; <see langword="null"/> where it has no head, and may hold frames of several.</summary>
    public string? TrId { get; init; }

    /// <summary>The time of its first line; <see langword="null"/> where there is none that can be read.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>
    /// Whether it was closed in order. Without that it is being written, or its recorder was killed. Always so for other forms than blocks, which
    /// do not say.
    /// </summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether there was nothing in it, so that it need not be opened.</summary>
    internal bool IsEmpty { get; init; }
}

/// <summary>How a file holds its lines.</summary>
public enum CaptureFileFormat
{
    /// <summary>Blocks, as the recorder writes them (BGZF): each checked by itself.</summary>
    Blocks,

    /// <summary>Gzip without blocks, as other programs write it.</summary>
    Gzip,

    /// <summary>Plain text.</summary>
    Text,
}
