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
