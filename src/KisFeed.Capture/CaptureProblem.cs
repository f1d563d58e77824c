namespace KisFeed.Capture;

/// <summary>Something that is wrong in a capture. Nothing of it was guessed, and reading goes on as far as it can.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What is wrong and where, in words. Holds nothing of the content.</param>
public sealed record CaptureProblem(CaptureProblemKind Kind, string Message)
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The line, from 1, where the problem is in one.</summary>
    public long? Line { get; init; }

    /// <summary>The place in the file, in bytes, where the problem is in the file's structure.</summary>
    public long? Offset { get; init; }
}

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

/// <summary>A capture cannot be written or read at all; the message says why and what to do. Flaws inside of a capture are <see cref="CaptureProblem"/>s.</summary>
public sealed class CaptureException : Exception
{
    /// <summary>Without a message.</summary>
    public CaptureException()
    {
    }

    /// <summary>With a message.</summary>
    public CaptureException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public CaptureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
