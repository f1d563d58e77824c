namespace KisFeed.Cli.Captures;

/// <summary>Files that are renamed to their paths together, when all of them are complete.</summary>
internal sealed class AtomicFileSet(bool replace) : IDisposable
{
    private readonly List<AtomicFile> _files = [];

    public Stream Begin(string path, bool isPrivate)
    {
        var target = ResolvedPath.Of(path);
        if (!target.IsDevice && _files.Any(other => other.Target == target))
        {
            throw new CommandException(UiText.Of(
                $"{path} is used twice: choose different files for --gaps and --out",
                $"{path}: 두 번 지정했습니다. --gaps와 --out에는 서로 다른 파일을 쓰세요"));
        }
        var file = new AtomicFile(path, target, replace, isPrivate);
        _files.Add(file);
        return file.Content;
    }

    /// <summary>Writes the files, then renames them to their paths.</summary>
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
