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

/// <summary>
/// A capture cannot be written or read at all. The message says why and what to do. Flaws inside a capture are
/// reported as <see cref="CaptureProblem"/>.
/// </summary>
public sealed class CaptureException(string message, Exception? innerException = null) : Exception(message, innerException);
