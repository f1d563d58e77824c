namespace KisFeed.Capture.Inspection;

/// <summary>The content of a capture and the result of its checks.</summary>
public sealed record CaptureReport
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>What was found, but not read: other names of the same files, and links to folders.</summary>
    public IReadOnlyList<SkippedPath> Skipped { get; init; } = [];

    /// <summary>The feeds, by TR ID.</summary>
    public required IReadOnlyList<FeedReport> Feeds { get; init; }

    /// <summary>The gaps in the order in which they appear; at most <see cref="CaptureInspection.MaxListed"/>.</summary>
    public required IReadOnlyList<GapReport> Gaps { get; init; }

    /// <summary>The number of gaps.</summary>
    public long GapCount { get; init; }

    /// <summary>The number of events, by name.</summary>
    public required IReadOnlyDictionary<string, long> Events { get; init; }

    /// <summary>The problems; at most <see cref="CaptureInspection.MaxListed"/>. They contain nothing of the data.</summary>
    public required IReadOnlyList<CaptureProblem> Problems { get; init; }

    /// <summary>The number of problems.</summary>
    public long ProblemCount { get; init; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; init; }

    /// <summary>The selected TR IDs without a record.</summary>
    public IReadOnlyList<string> AbsentFeeds { get; init; } = [];

    /// <summary>The selected keys without a record.</summary>
    public IReadOnlyList<string> AbsentKeys { get; init; } = [];

    /// <summary>
    /// Whether there are no problems: everything is readable and unchanged. Gaps, and files that are being written, are not problems.
    /// </summary>
    public bool IsSound => ProblemCount == 0 && Malformed == 0;
}

/// <summary>A gap with its feed and key.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key. Of order notices it is an HTS ID.</param>
/// <param name="Gap">The gap.</param>
public sealed record GapReport(string TrId, string Key, Gap Gap)
{
    /// <summary>The duration; <see langword="null"/> if the gap has no start or no end in the capture.</summary>
    public TimeSpan? Duration => Gap.To - Gap.From;
}
