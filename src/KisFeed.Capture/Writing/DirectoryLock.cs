namespace KisFeed.Capture;

/// <summary>Keeps a second recorder out of a folder. Ends with the program, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string FileName = ".recorder.lock";

    private readonly FileStream _file;

    /// <summary>Takes a folder, which is made where it is missing.</summary>
    /// <exception cref="CaptureException">Another recorder writes to the folder, or nobody can.</exception>
    public DirectoryLock(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            _file = new FileStream(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var path = Path.Combine(directory, FileName);
            throw File.Exists(path) && e is IOException
                ? new CaptureException($"another recorder writes to {directory}: give this one a folder of its own, or end the other", e)
                : new CaptureException($"{directory} cannot be written to: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
