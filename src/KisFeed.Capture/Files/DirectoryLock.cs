namespace KisFeed.Capture.Files;

/// <summary>Locks a folder against a second recorder. The lock ends with the process, even if it is killed.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string FileName = ".recorder.lock";

    // IsHeld locks the file for microseconds, so a recorder that starts at that moment retries.
    private const int Attempts = 10;
    private const int PauseMilliseconds = 20;

    private readonly string _path;
    private readonly Action _pause;
    private FileStream _file;

    /// <summary>Locks a folder, which is created if it does not exist.</summary>
    /// <exception cref="CaptureException">Another recorder writes to the folder, or it cannot be written to.</exception>
    public DirectoryLock(string directory)
        : this(directory, static () => Thread.Sleep(PauseMilliseconds))
    {
    }

    /// <summary>Locks a folder, with a custom pause between the attempts.</summary>
    internal DirectoryLock(string directory, Action pause)
    {
        _path = Path.Combine(directory, FileName);
        _pause = pause;
        try
        {
            Directory.CreateDirectory(directory);
            _file = Acquire(_path, pause);
            SetMarker();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw File.Exists(_path) && e is IOException
                ? new CaptureException($"another recorder writes to {directory}: use another folder, or end the other recorder", e)
                : new CaptureException($"{directory} cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>Whether a recorder holds a folder; also <see langword="false"/> if that cannot be determined.</summary>
    public static bool IsHeld(string directory)
    {
        try
        {
            // Opening with a shared lock fails if there is an exclusive one.
            using var file = new FileStream(Path.Combine(directory, FileName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>
    /// Whether a recorder holds the folder of a capture file. Files are in the folder of their day, within the folder of the recorder.
    /// </summary>
    public static bool IsHeldOver(string path) => Path.GetDirectoryName(Path.GetDirectoryName(path)) is { } root && IsHeld(root);

    /// <summary>
    /// Checks that the folder is still locked by this recorder: it may have been removed or replaced, and with it the lock.
    /// </summary>
    /// <returns>Whether the lock is unchanged. Otherwise the folder was locked again, and its content may
    /// come from another recorder.</returns>
    /// <exception cref="IOException">The folder cannot be locked again: another recorder holds it now, or it cannot be created.</exception>
    public bool Renew()
    {
        // A missing file has a different time too.
        if (File.GetLastWriteTimeUtc(_path) == File.GetLastWriteTimeUtc(_file.SafeFileHandle))
            return true;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        FileStream file;
        try
        {
            file = Acquire(_path, _pause);
        }
        catch (IOException e) when (File.Exists(_path))
        {
            throw new IOException($"another recorder writes to {Path.GetDirectoryName(_path)} now: the folder was removed or replaced, "
                + "and this recorder has lost it", e);
        }

        _file.Dispose();
        _file = file;
        SetMarker();
        return false;
    }

    public void Dispose() => _file.Dispose();

    // A random time identifies the file, because its content cannot be read while it is locked.
    private void SetMarker() =>
        File.SetLastWriteTimeUtc(
            _file.SafeFileHandle, new DateTime(Random.Shared.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.UtcNow.Ticks), DateTimeKind.Utc));

    private static FileStream Acquire(string path, Action pause)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < Attempts && File.Exists(path))
            {
                pause();
            }
        }
    }
}
