namespace KisFeed.Capture;

/// <summary>A problem in a capture. Damaged data is never guessed; reading continues as far as possible.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Message">A description with the position. Contains nothing of the data.</param>
public sealed record CaptureProblem(CaptureProblemKind Kind, string Message)
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The number of the line, from 1, if the problem is in a line.</summary>
    public long? Line { get; init; }

    /// <summary>The offset in the file, in bytes, if the problem is in the structure of the file.</summary>
    public long? Offset { get; init; }
}

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
    /// The file ends in the middle of the last write, as after a recorder was killed. Complete data is read; the next start of a recorder cuts off the
    /// rest. While a recorder holds the folder, an incomplete write is not a problem.
    /// </summary>
    TornTail,

    /// <summary>The file is not a capture, or it is empty. Nothing of it is read.</summary>
    NotACapture,

    /// <summary>The file cannot be read: it is missing, or the system denies access.</summary>
    Unreadable,

    /// <summary>There are too many keys, or keys that are too long. Their records are read, but their gaps are not tracked.</summary>
    TooManyKeys,
}

/// <summary>A capture cannot be written or read at all. The message says why and what to do. Flaws inside a capture are reported as <see cref="CaptureProblem"/>.</summary>
public sealed class CaptureException(string message, Exception? innerException = null) : Exception(message, innerException);
