using System.Text.Json.Serialization;

namespace KisFeed.Capture;

/// <summary>The status of a recorder. Each frame is counted once, whatever the number of its registrations.</summary>
public sealed record CaptureRecorderStatus
{
    /// <summary>Whether it writes: nothing fails, and it has not ended.</summary>
    public bool IsWriting => Problem is null && !HasEnded;

    /// <summary>Why nothing can be written; <see langword="null"/> if writing works.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }

    /// <summary>A short form of <see cref="Problem"/> without paths, for readers who may not see details of the machine.</summary>
    [JsonPropertyName("problem")]
    public string? ProblemSummary { get; init; }

    /// <summary>The time since which nothing can be written.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>The time of the last write.</summary>
    public DateTimeOffset? LastFlushAt { get; init; }

    /// <summary>Frames received, including dropped and malformed ones.</summary>
    public required long Received { get; init; }

    /// <summary>
    /// Frames written to files. With <see cref="CaptureWriterOptions.FlushToDisk"/> they survive a crash or a loss of power.
    /// </summary>
    public required long Flushed { get; init; }

    /// <summary>Received frames that are neither written nor dropped yet.</summary>
    public long Waiting => HasEnded ? 0 : Math.Max(0, Received - Dropped - Withheld - Flushed);

    /// <summary>Frames dropped because the queue was full. They appear as gaps in the capture.</summary>
    public required long Dropped { get; init; }

    /// <summary>Malformed frames. They are recorded as received, except those in <see cref="Withheld"/>.</summary>
    public required long Malformed { get; init; }

    /// <summary>
    /// Malformed messages that are not recorded because they are not frames and may contain keys, or because they are
    /// order notices that were not selected.
    /// </summary>
    public required long Withheld { get; init; }

    /// <summary>Gaps recorded for any reason, one for each registration.</summary>
    public required long Gaps { get; init; }

    /// <summary>Bytes written to files, compressed.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that were created or continued.</summary>
    public required long Files { get; init; }

    /// <summary>Files that were removed by others while being written. Their content is lost.</summary>
    public required long LostFiles { get; init; }

    /// <summary>The number of failed writes.</summary>
    public required long Failures { get; init; }

    /// <summary>Whether the recorder has ended.</summary>
    [JsonIgnore]
    public bool HasEnded { get; init; }

    /// <summary>Frames that were received but could not be written by the end.</summary>
    [JsonIgnore]
    public long Lost { get; init; }
}
