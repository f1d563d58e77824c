namespace KisFeed.Approval;

/// <summary>
/// A small file that only its owner can read. It is replaced as a whole, so readers need no lock and never see a partial file. Writers hold
/// a lock file, so that none overwrites the changes of another.
/// </summary>
internal sealed class PrivateFile(string path)
{
    private const UnixFileMode OwnersMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersDirectory = OwnersMode | UnixFileMode.UserExecute;
    private const int LockAttempts = 100;

    private static readonly TimeSpan s_lockDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>The full path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Opens the file for reading. Replacing the file does not block readers.</summary>
    public FileStream OpenRead() => new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>
    /// The mode of a file that users other than its owner can access; <see langword="null"/> if they cannot. Checked on the open file,
    /// which nobody can exchange in between.
    /// </summary>
    public static UnixFileMode? ExposureOf(FileStream stream)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var mode = File.GetUnixFileMode(stream.SafeFileHandle);
        return (mode & ~OwnersDirectory) == UnixFileMode.None ? null : mode;
    }

    /// <summary>Locks out other writers until the result is disposed. Creates a missing folder.</summary>
    /// <exception cref="IOException">Another process holds the lock, or the lock file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    /// <remarks>
    /// The operating system releases the lock when its holder ends, in whatever way. The lock file is never deleted; otherwise a waiting
    /// process and a new one could lock two different files.
    /// </remarks>
    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellationToken)
    {
        CreateDirectory();
        var lockPath = $"{Path}.lock";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Open(lockPath, FileMode.OpenOrCreate);
            }
            catch (IOException e) when (File.Exists(lockPath))
            {
                if (attempt == LockAttempts)
                {
                    throw new IOException(
                        $"{Path} is locked by another program, which has held {lockPath} for too long: end it, and try again", e);
                }
                await Task.Delay(s_lockDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Replaces the content of the file. The caller must hold the lock.</summary>
    /// <exception cref="IOException">The file cannot be written; it is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is not writable; it is unchanged.</exception>
    public async Task ReplaceAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var temporary = $"{Path}.{System.IO.Path.GetRandomFileName()}";
        try
        {
            var stream = Open(temporary, FileMode.CreateNew);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(text, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true); // Before the rename: a crash in between must not leave an empty file.
            }

            File.Move(temporary, Path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void CreateDirectory()
    {
        var directory = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, OwnersDirectory);
    }

    // The mode is set on creation: nobody else can open the file at any time.
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersMode;
        return new FileStream(path, options);
    }
}
