namespace KisFeed.Capture;

/// <summary>Counts what is met in one file.</summary>
internal sealed class FileStats
{
    private readonly HashSet<CaptureProblemKind> _problems = [];

    public long Frames { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    public bool IsTorn => _problems.Contains(CaptureProblemKind.TornTail);

    /// <summary>Whether something of it is missing other than at its end.</summary>
    public bool IsDamaged => _problems.Any(kind => kind is not (CaptureProblemKind.TornTail or CaptureProblemKind.MalformedLine or CaptureProblemKind.TooManyKeys));

    public void Frame(DateTimeOffset at)
    {
        Frames++;
        LastAt = at;
    }

    public void Add(CaptureProblemKind kind) => _problems.Add(kind);
}
