namespace KisFeed.Capture;

/// <summary>A file of a capture, as it was found.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Form">How it holds its lines.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record CaptureFile(string Path, CaptureFileFormat Form, long Length)
{
    /// <summary>The feed that its head names; <see langword="null"/> where it has no head, and may hold frames of several.</summary>
    public string? TrId { get; init; }

    /// <summary>The time of its first line; <see langword="null"/> where there is none that can be read.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>
    /// Whether it was closed in order. Without that it is being written, or its recorder was killed. Always so for other forms than blocks, which
    /// do not say.
    /// </summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether there was nothing in it, so that it need not be opened.</summary>
    internal bool IsEmpty { get; init; }
}
