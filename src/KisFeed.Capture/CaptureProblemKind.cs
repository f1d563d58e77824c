namespace KisFeed.Capture;

/// <summary>The kinds of problems in a capture.</summary>
public enum CaptureProblemKind
{
    /// <summary>A line is neither a frame with its time nor an event. It is skipped.</summary>
    MalformedLine,

    /// <summary>A line exceeds the maximum length. The rest of the file is not read.</summary>
    LineTooLong,

    /// <summary>A part of the file is damaged. Readable data behind it is read.</summary>
    Corrupt,

    /// <summary>
    /// The file ends in the middle of the last write, as after a recorder was killed. Complete data is read; the next start of a recorder
    /// cuts off the rest. While a recorder holds the folder, an incomplete write is not a problem.
    /// </summary>
    TornTail,

    /// <summary>The file is not a capture, or it is empty. Nothing of it is read.</summary>
    NotACapture,

    /// <summary>The file cannot be read: it is missing, or the system denies access.</summary>
    Unreadable,

    /// <summary>There are too many keys, or keys that are too long. Their records are read, but their gaps are not tracked.</summary>
    TooManyKeys,
}
