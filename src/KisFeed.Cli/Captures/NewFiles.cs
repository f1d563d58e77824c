namespace KisFeed.Cli.Captures;

/// <summary>Files that are put into their places together, when all of them are whole.</summary>
internal sealed class NewFiles(bool replace) : IDisposable
{
    private readonly List<NewFile> _files = [];

    /// <summary>Begins a file.</summary>
    /// <exception cref="Hosting.CommandException">There is one already, or none can be written there.</exception>
    public Stream Begin(string path, bool isPrivate)
    {
        var file = new NewFile(path, replace, isPrivate);
        _files.Add(file);
        return file.Content;
    }

    public void Complete()
    {
        foreach (var file in _files)
            file.Complete();
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }
}
