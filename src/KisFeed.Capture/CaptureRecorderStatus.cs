namespace KisFeed.Capture;

/// <summary>How a recorder is getting on. Frames are counted once each, whatever registrations they are of.</summary>
public sealed record CaptureRecorderStatus
{
    /// <summary>Frames received, dropped and malformed ones included.</summary>
    public required long Received { get; init; }

    /// <summary>Frames that are in files for sure: with <see cref="CaptureWriterOptions.FlushToDisk"/> they outlive whatever happens next.</summary>
    public required long Flushed { get; init; }

    /// <summary>Frames dropped because too many waited for the disk. They stand as gaps in the capture.</summary>
    public required long Dropped { get; init; }

    /// <summary>Frames that could not be read. They are recorded as they are, but for those <see cref="Withheld"/>.</summary>
    public required long Malformed { get; init; }

    /// <summary>Malformed messages that are not recorded, because they are no frames and may hold keys, or hold order notices that nobody asked for.</summary>
    public required long Withheld { get; init; }

    /// <summary>Gaps recorded, of whatever reason, one for each registration.</summary>
    public required long Gaps { get; init; }

    /// <summary>Bytes that are in files for sure, packed.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that were begun or gone on with.</summary>
    public required long Files { get; init; }

    /// <summary>Files that somebody removed while they were being written; what was in them is lost.</summary>
    public required long LostFiles { get; init; }

    /// <summary>How often writing has failed.</summary>
    public required long Failures { get; init; }

    /// <summary>Why nothing can be written at present; <see langword="null"/> where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The same in a few words that name no path, for readers who may not see how the machine is set up.</summary>
    public string? ProblemSummary { get; init; }

    /// <summary>Since when nothing can be written.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>When something was last written.</summary>
    public DateTimeOffset? LastFlushAt { get; init; }

    /// <summary>Whether the recorder has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Frames that were received and could not be written by the end.</summary>
    public long Lost { get; init; }

    /// <summary>Frames received that are neither written nor dropped yet.</summary>
    public long Waiting => HasEnded ? 0 : Math.Max(0, Received - Dropped - Withheld - Flushed);
}
