namespace KisFeed.Capture;

/// <summary>Keeps a second recorder out of a folder. Ends with the program, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string FileName = ".recorder.lock";

    // Who asks whether a folder is held does so for microseconds; a recorder that starts in them comes again.
    private const int Attempts = 10;
    private const int PauseMilliseconds = 20;

    private readonly string _path;
    private readonly Action _pause;
    private FileStream _file;

    /// <summary>Takes a folder, which is made where it is missing.</summary>
    /// <exception cref="CaptureException">Another recorder writes to the folder, or nobody can.</exception>
    public DirectoryLock(string directory)
        : this(directory, static () => Thread.Sleep(PauseMilliseconds))
    {
    }

    /// <summary>Takes a folder, with a pause between the attempts.</summary>
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
                ? new CaptureException($"another recorder writes to {directory}: give this one a folder of its own, or end the other", e)
                : new CaptureException($"{directory} cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>Whether a recorder holds a folder just now; <see langword="false"/> too where that cannot be found out.</summary>
    public static bool IsHeld(string directory)
    {
        try
        {
            // A lock that is shared shows whether there is one that is not.
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

    /// <summary>Whether a recorder holds the folder that a file of a capture is in: files stand in the folder of a day, in that of the recorder.</summary>
    public static bool IsHeldOver(string path) => Path.GetDirectoryName(Path.GetDirectoryName(path)) is { } root && IsHeld(root);

    /// <summary>Sees that the folder is still this recorder's: somebody may have removed it, or put another in its place, and with it the lock.</summary>
    /// <returns>Whether it is as it was. If not it has been taken anew, and what stands in it may be another recorder's.</returns>
    /// <exception cref="IOException">It cannot be taken anew: another recorder has it now, or it cannot be made.</exception>
    public bool Renew()
    {
        // Of a file that is not there the time is another one too.
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
            throw new IOException($"another recorder writes to {Path.GetDirectoryName(_path)} now: its folder was removed or replaced, and this one has lost it", e);
        }

        _file.Dispose();
        _file = file;
        SetMarker();
        return false;
    }

    public void Dispose() => _file.Dispose();

    // By a time that no other has the file is told from any that comes to stand in its place; its content cannot be read while it is locked.
    private void SetMarker() =>
        File.SetLastWriteTimeUtc(_file.SafeFileHandle, new DateTime(Random.Shared.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.UtcNow.Ticks), DateTimeKind.Utc));

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
