namespace KisFeed.Capture;

/// <summary>What an export has met so far.</summary>
public sealed class ExportCounts
{
    private readonly HashSet<string> _feeds = new(StringComparer.Ordinal);

    /// <summary>Records written.</summary>
    public long Records { get; internal set; }

    /// <summary>Frames read, readable or not.</summary>
    public long Frames { get; internal set; }

    /// <summary>Gaps met: for each key and each time its data are missing, one.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Frames, and records of frames, that could not be read. They are not among <see cref="Records"/>.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Flaws of the files: malformed lines, damage, torn ends.</summary>
    public long Problems { get; internal set; }

    /// <summary>The first flaws of the files, in words; not all where there are many.</summary>
    public IReadOnlyList<string> FirstProblems => [.. Messages];

    /// <summary>The TR IDs of the records written.</summary>
    public IReadOnlyCollection<string> Feeds => _feeds;

    internal List<string> Messages { get; } = [];

    internal void Add(CaptureProblem problem)
    {
        const int Most = 10;
        Problems++;
        if (Messages.Count < Most)
            Messages.Add(problem.Message);
    }

    internal void AddFeed(string trId) => _feeds.Add(trId);
}
