namespace KisFeed.Capture.Tests;

/// <summary>A temporary folder for captures, deleted with the test.</summary>
internal sealed class CaptureFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-capture-");

    public string Path => _folder.FullName;

    /// <summary>The capture files, ordered by name.</summary>
    public string[] Files => [.. Directory.EnumerateFiles(Path, "*.log.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public CaptureWriter Write(Func<CaptureWriterOptions, CaptureWriterOptions>? change = null)
    {
        var options = new CaptureWriterOptions { Directory = Path, FlushToDisk = false };
        return new CaptureWriter(change?.Invoke(options) ?? options);
    }

    public string Put(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static byte[] Content(string path) => File.ReadAllBytes(path);

    public void Dispose() => _folder.Delete(recursive: true);
}
