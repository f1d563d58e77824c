using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Captures;

/// <summary>Files that are put into their places together, when all of them are whole.</summary>
internal sealed class NewFiles(bool replace) : IDisposable
{
    private readonly List<NewFile> _files = [];

    /// <summary>Begins a file.</summary>
    /// <exception cref="CommandException">There is one already, or none can be written there, or it is one of those that have been begun.</exception>
    public Stream Begin(string path, bool isPrivate)
    {
        var place = ResolvedPath.Of(path);
        if (!place.IsDevice && _files.Any(other => other.Place == place))
            throw new CommandException($"{path} is to be written twice: name another file for --gaps than for --out");
        var file = new NewFile(path, place, replace, isPrivate);
        _files.Add(file);
        return file.Content;
    }

    /// <summary>Writes them, and puts them into their places.</summary>
    /// <exception cref="CommandException">They cannot be written.</exception>
    public async Task FillAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (IOException e)
        {
            var text = _files.Select(file => file.TextOf(e)).FirstOrDefault(text => text != e.Message);
            throw text is null ? e : new CommandException(text, e);
        }

        foreach (var file in _files)
            file.Complete();
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }
}
