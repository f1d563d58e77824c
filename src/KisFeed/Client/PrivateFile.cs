namespace KisFeed;

/// <summary>
/// A small file that its owner alone can read. It is replaced as a whole, so that readers need no lock and never see half of it; who replaces it
/// holds a lock file, so that no writer undoes what another wrote.
/// </summary>
internal sealed class PrivateFile(string path)
{
    private const UnixFileMode OwnersMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersDirectory = OwnersMode | UnixFileMode.UserExecute;
    private const int LockAttempts = 100;

    private static readonly TimeSpan s_lockDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Where it is, in full.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Opens it to be read. Who replaces it need not wait for who reads it.</summary>
    public FileStream OpenRead() => new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>The mode of a file that others than its owner can use; <see langword="null"/> where they cannot. Asked of the open file, which cannot be exchanged for another in between.</summary>
    public static UnixFileMode? ExposureOf(FileStream stream)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var mode = File.GetUnixFileMode(stream.SafeFileHandle);
        return (mode & ~OwnersDirectory) == UnixFileMode.None ? null : mode;
    }

    /// <summary>Keeps other writers away until what is returned is disposed of. The folder is made where it is missing.</summary>
    /// <exception cref="IOException">Somebody else keeps the lock, or none can be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    /// <remarks>
    /// The operating system opens the lock file again when its holder ends, however that ends. So it is never deleted: who waits for it would hold another than who comes after.
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
                    throw new IOException($"another program has been changing {Path} for too long, it holds {lockPath}: end it, and try again", e);
                await Task.Delay(s_lockDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Puts a text in place of the file. The lock is to be held.</summary>
    /// <exception cref="IOException">It cannot be written; the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the file is as it was.</exception>
    public async Task ReplaceAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var temporary = $"{Path}.{System.IO.Path.GetRandomFileName()}";
        try
        {
            var stream = Open(temporary, FileMode.CreateNew);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(text, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true); // Before its name: a crash between the two would leave a file of nothing.
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

    // The mode is there from the beginning: at no time can anybody else open it.
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersMode;
        return new FileStream(path, options);
    }
}
