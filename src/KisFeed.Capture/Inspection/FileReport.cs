namespace KisFeed.Capture;

/// <summary>What was found of one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Integrity">Whether it is as it was written.</param>
public sealed record FileReport(CaptureFile File, FileIntegrity Integrity)
{
    /// <summary>Frames that were read from it.</summary>
    public long Frames { get; init; }

    /// <summary>When its last line was written.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Whether a recorder holds the folder that it is in.</summary>
    public bool IsBeingWritten { get; init; }
}
