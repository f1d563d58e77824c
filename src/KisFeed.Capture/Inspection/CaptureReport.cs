namespace KisFeed.Capture;

/// <summary>What a capture holds, and whether it is sound.</summary>
public sealed record CaptureReport
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>The feeds, by TR ID.</summary>
    public required IReadOnlyList<FeedReport> Feeds { get; init; }

    /// <summary>Where data are missing, in the order in which it shows; at most <see cref="CaptureInspection.MostListed"/>.</summary>
    public required IReadOnlyList<GapReport> Gaps { get; init; }

    /// <summary>How many gaps there are.</summary>
    public long GapCount { get; init; }

    /// <summary>How many events there are of each name.</summary>
    public required IReadOnlyDictionary<string, long> Events { get; init; }

    /// <summary>What is wrong, in words; at most <see cref="CaptureInspection.MostListed"/>. Holds nothing of the content.</summary>
    public required IReadOnlyList<CaptureProblem> Problems { get; init; }

    /// <summary>How many things are wrong.</summary>
    public long ProblemCount { get; init; }

    /// <summary>Frames, and records of frames, that cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>The TR IDs that were asked for and of which there is no record.</summary>
    public IReadOnlyList<string> AbsentFeeds { get; init; } = [];

    /// <summary>The keys that were asked for and of which there is no record.</summary>
    public IReadOnlyList<string> AbsentKeys { get; init; } = [];

    /// <summary>Whether nothing is wrong: all can be read, and is as it was written. Gaps are no flaw of a capture, nor is it that a file is still being written.</summary>
    public bool IsSound => ProblemCount == 0 && Malformed == 0;
}
