namespace KisFeed.Capture;

/// <summary>What has been met so far of a capture that is being gone through.</summary>
public abstract class ReadCounts
{
    private const int MostMessages = 10;

    private readonly List<string> _messages = [];

    private protected ReadCounts()
    {
    }

    /// <summary>Frames read, readable or not.</summary>
    public long Frames { get; internal set; }

    /// <summary>Gaps met: for each key and each time its data are missing, one.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Frames, and records of frames, that could not be read.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Flaws of the files: malformed lines, damage, torn ends.</summary>
    public long Problems { get; private set; }

    /// <summary>The first flaws of the files, in words; not all where there are many.</summary>
    public IReadOnlyList<string> FirstProblems => _messages;

    /// <summary>The TR IDs that were asked for and of which there has been no record.</summary>
    public IReadOnlyList<string> AbsentFeeds => RecordFilter?.AbsentFeeds ?? [];

    /// <summary>The keys that were asked for and of which there has been no record.</summary>
    public IReadOnlyList<string> AbsentKeys => RecordFilter?.AbsentKeys ?? [];

    /// <summary>The records that there were to select from; <see langword="null"/> where no span is asked for, or none has been met.</summary>
    public SpanCounts? Span { get; internal set; }

    internal RecordFilter? RecordFilter { get; set; }

    internal void Add(CaptureProblem problem)
    {
        Problems++;
        if (_messages.Count < MostMessages)
            _messages.Add(problem.Message);
    }
}
