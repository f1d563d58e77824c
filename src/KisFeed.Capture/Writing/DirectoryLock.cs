namespace KisFeed.Capture;

/// <summary>Keeps a second recorder out of a folder. Ends with the program, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string FileName = ".recorder.lock";

    // Who asks whether a folder is held does so for microseconds; a recorder that starts in them comes again.
    private const int Attempts = 10;
    private const int PauseMilliseconds = 20;

    private readonly FileStream _file;

    /// <summary>Takes a folder, which is made where it is missing.</summary>
    /// <exception cref="CaptureException">Another recorder writes to the folder, or nobody can.</exception>
    public DirectoryLock(string directory)
        : this(directory, static () => Thread.Sleep(PauseMilliseconds))
    {
    }

    /// <summary>Takes a folder, with a pause between the attempts.</summary>
    internal DirectoryLock(string directory, Action pause)
    {
        try
        {
            Directory.CreateDirectory(directory);
            _file = Take(Path.Combine(directory, FileName), pause);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var path = Path.Combine(directory, FileName);
            throw File.Exists(path) && e is IOException
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

    public void Dispose() => _file.Dispose();

    private static FileStream Take(string path, Action pause)
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
