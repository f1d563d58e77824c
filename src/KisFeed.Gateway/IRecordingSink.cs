using KisFeed.Capture;

namespace KisFeed.Gateway;

/// <summary>
/// Stores the recording of a gateway elsewhere, for example in a database. It reads the files of the recording, so however slow it is, it delays neither the
/// gateway nor the recorder.
/// </summary>
public interface IRecordingSink : IAsyncDisposable
{
    /// <summary>The current status. Must return at once.</summary>
    RecordingSinkStatus Status { get; }

    /// <summary>
    /// Reads what the sink has stored, for the past that the folder of the recording does not have any more; <see langword="null"/>, the default, if it cannot. Must
    /// be thread-safe.
    /// </summary>
    ICaptureArchive? Archive => null;
}

/// <summary>How much of the recording a sink has stored.</summary>
public sealed record RecordingSinkStatus
{
    /// <summary>Whether it stores: nothing fails, and it has not ended.</summary>
    public required bool IsStoring { get; init; }

    /// <summary>The time since which it has not stored everything; <see langword="null"/> if it does.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>Why, in a few words without names of hosts, users and files, because consumers see it; <see langword="null"/> if unknown or if it stores everything.</summary>
    public string? Problem { get; init; }

    /// <summary>When it last stored something.</summary>
    public DateTimeOffset? LastStoredAt { get; init; }

    /// <summary>Records stored since it was started.</summary>
    public required long Records { get; init; }

    /// <summary>Bytes of the recording that are not stored yet, compressed.</summary>
    public required long LagBytes { get; init; }

    /// <summary>The age of the last record stored, of the feed that is furthest behind; zero if everything is stored.</summary>
    public TimeSpan Lag { get; init; }
}
