namespace KisFeed.Capture;

/// <summary>What was found of a file that an earlier recorder had not closed, or that is not as it was left, and what was done about it.</summary>
/// <param name="Path">The file, or the folder of a day.</param>
public sealed record CaptureRecovery(string Path)
{
    /// <summary>Bytes that were cut from its end because they were not whole; 0 where it ended well.</summary>
    public long CutBytes { get; init; }

    /// <summary>Whether nothing whole was in it, so that it was removed.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Whether it is damaged elsewhere than at its end: then nothing was changed, and recording goes on in another file.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Why it could not be put in order, in the words of the system; <see langword="null"/> where it could. It was left as it is, and recording goes on in another file.</summary>
    public string? Problem { get; init; }
}
