namespace KisFeed.Gateway;

/// <summary>What of a file is different, as a rule, when it has been changed.</summary>
/// <param name="WrittenAt">When it was last written, UTC.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Mode">Who may use it.</param>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length, UnixFileMode Mode)
{
    // Coarser than the clock of any file system that files of this kind stand on.
    private static readonly TimeSpan s_granularity = TimeSpan.FromSeconds(2);

    /// <summary>What a file looks like now; <see langword="null"/> where there is none.</summary>
    public static FileStamp? Of(FileInfo file) =>
        file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length, OperatingSystem.IsWindows() ? UnixFileMode.None : file.UnixFileMode) : null;

    /// <summary>Whether the file may change once more without this showing it, because it was written just now.</summary>
    public bool IsFresh(DateTimeOffset now) => WrittenAt > now.UtcDateTime - s_granularity;
}
