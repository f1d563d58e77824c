namespace KisFeed.Capture;

/// <summary>What was found of a file that an earlier recorder had not closed, and done about it.</summary>
/// <param name="Path">The file.</param>
/// <param name="CutBytes">Bytes that were cut from its end because they were not whole; 0 where it ended well.</param>
/// <param name="IsDamaged">Whether it is damaged elsewhere: then nothing was changed, and recording goes on in another file.</param>
public sealed record CaptureRecovery(string Path, long CutBytes, bool IsDamaged);
