namespace KisFeed.Capture.Inspection;

/// <summary>The report of one file.</summary>
public sealed class FileReport
{
    private readonly HashSet<CaptureProblemKind> _problems = [];

    internal FileReport(CaptureFile file) => File = file;

    /// <summary>The file.</summary>
    public CaptureFile File { get; }

    /// <summary>The integrity.</summary>
    public FileIntegrity Integrity { get; internal set; }

    /// <summary>Frames read from it.</summary>
    public long Frames { get; private set; }

    /// <summary>The time of its last line.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>Whether a recorder holds its folder.</summary>
    public bool IsBeingWritten { get; internal set; }

    internal bool IsTorn => _problems.Contains(CaptureProblemKind.TornTail);

    /// <summary>Whether data is missing elsewhere than at its end.</summary>
    internal bool IsDamaged => _problems.Any(
        kind => kind is not (CaptureProblemKind.TornTail or CaptureProblemKind.MalformedLine or CaptureProblemKind.TooManyKeys));

    internal void AddFrame(DateTimeOffset at)
    {
        Frames++;
        LastAt = at;
    }

    internal void Add(CaptureProblemKind kind) => _problems.Add(kind);
}

/// <summary>The integrity of a file.</summary>
public enum FileIntegrity
{
    /// <summary>Closed normally, each block intact, and the checksum equal to that of the manifest.</summary>
    Verified,

    /// <summary>Each block is intact; the manifest has no checksum of it, because it is not closed or the manifest is missing.</summary>
    Sound,

    /// <summary>Not in blocks: it could be decompressed and its lines read, but nothing else can be checked.</summary>
    Unchecked,

    /// <summary>It ends in the middle of the last write.</summary>
    TornTail,

    /// <summary>A part of it is damaged or unreadable.</summary>
    Damaged,

    /// <summary>Each block is intact, but it is not the file in the manifest.</summary>
    Changed,
}
