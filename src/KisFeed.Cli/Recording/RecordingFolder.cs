using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Recording;

/// <summary>A folder to record into: one that was named and stays, or a temporary one that is removed at the end.</summary>
internal sealed class RecordingFolder : IDisposable
{
    private readonly CommandHost _host;

    private RecordingFolder(CommandHost host, string path, bool isTemporary)
    {
        _host = host;
        Path = path;
        IsTemporary = isTemporary;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Whether it is removed at the end.</summary>
    public bool IsTemporary { get; }

    /// <summary>The named folder, or a temporary one where none is.</summary>
    /// <exception cref="CommandException">There is no room for a temporary one.</exception>
    public static RecordingFolder Open(CommandHost host, string? named)
    {
        if (named is not null)
            return new RecordingFolder(host, named, isTemporary: false);
        try
        {
            return new RecordingFolder(host, Directory.CreateTempSubdirectory("kisfeed-demo-").FullName, isTemporary: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"there is no room for a temporary folder to record into ({e.Message}); '--record DIR' takes another", e);
        }
    }

    public void Dispose()
    {
        if (!IsTemporary)
            return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _host.Tell($"kisfeed: {Path} could not be removed: {e.Message}");
        }
    }
}
