namespace KisFeed.Capture;

/// <summary>What is wrong in a capture.</summary>
public enum CaptureProblemKind
{
    /// <summary>A line that is neither a frame with its time nor an event. It is passed over.</summary>
    MalformedLine,

    /// <summary>A line longer than a line may be. Nothing behind it is read in this file.</summary>
    LineTooLong,

    /// <summary>A part of the file is damaged. What can be read behind it is.</summary>
    Corrupt,

    /// <summary>
    /// The file ends in the middle of what was written last, as it does where a recorder was killed. What is whole is read; the next start of a recorder cuts the rest. While a
    /// recorder holds the folder, what it has not written to its end is no flaw.
    /// </summary>
    TornTail,

    /// <summary>The file is no capture, or empty. Nothing of it is read.</summary>
    NotACapture,

    /// <summary>The file cannot be read: it has gone, or the system refuses.</summary>
    Unreadable,

    /// <summary>There are more keys than can be told apart, or such as are no keys. Their records are read, but nothing is kept of each: no gaps of them are told.</summary>
    TooManyKeys,
}
