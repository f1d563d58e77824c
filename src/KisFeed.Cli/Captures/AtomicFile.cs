namespace KisFeed.Cli.Captures;

/// <summary>
/// A file that is created completely or not at all: it is written under a temporary name in the same folder and renamed when it is complete. A device is
/// written directly.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string? _temporary;
    private readonly bool _replaces;

    /// <summary>Creates the temporary file.</summary>
    /// <exception cref="CommandException">The file exists already or cannot be written.</exception>
    public AtomicFile(string path, ResolvedPath place, bool replaces, bool isPrivate)
    {
        _path = path;
        _replaces = replaces;
        Place = place;
        _temporary = place.IsDevice ? null : $"{place.Path}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new CommandException($"{path} is a folder: give the path of a file");
        if (!replaces && !place.IsDevice && File.Exists(place.Path))
            throw new CommandException($"{path} exists already: choose another file, or replace it with --force");
        try
        {
            Content = _temporary is null ? Open(place.Path) : Create(_temporary, isPrivate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be written: {TextOf(e)}", e);
        }
    }

    public FileStream Content { get; }

    public ResolvedPath Place { get; }

    /// <summary>Returns the message of an exception, with the user's path in place of the temporary one.</summary>
    public string TextOf(Exception e) => _temporary is null ? e.Message : e.Message.Replace(_temporary, _path, StringComparison.Ordinal);

    /// <summary>Renames the file to its path.</summary>
    /// <exception cref="CommandException">The file exists by now or cannot be renamed.</exception>
    public void Complete()
    {
        Content.Dispose();
        if (_temporary is null)
            return;
        try
        {
            File.Move(_temporary, Place.Path, _replaces);
        }
        catch (IOException e) when (!_replaces && File.Exists(Place.Path))
        {
            throw new CommandException($"{_path} exists by now: choose another file, or replace it with --force", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{_path} cannot be written: {TextOf(e)}", e);
        }
    }

    /// <summary>Deletes the temporary file if it was not renamed.</summary>
    public void Dispose()
    {
        Content.Dispose();
        if (_temporary is not null)
            File.Delete(_temporary);
    }

    private static FileStream Create(string path, bool isPrivate)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    // A stream of the process may be a file that has content already.
    private static FileStream Open(string device)
    {
        var stream = new FileStream(device, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 });
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        return stream;
    }
}

/// <summary>Files that are renamed to their paths together, when all of them are complete.</summary>
internal sealed class AtomicFileSet(bool replace) : IDisposable
{
    private readonly List<AtomicFile> _files = [];

    /// <summary>Creates a file.</summary>
    /// <exception cref="CommandException">The file exists already, cannot be written, or is in the set already.</exception>
    public Stream Begin(string path, bool isPrivate)
    {
        var place = ResolvedPath.Of(path);
        if (!place.IsDevice && _files.Any(other => other.Place == place))
            throw new CommandException($"{path} is used twice: choose different files for --gaps and --out");
        var file = new AtomicFile(path, place, replace, isPrivate);
        _files.Add(file);
        return file.Content;
    }

    /// <summary>Writes the files, then renames them to their paths.</summary>
    /// <exception cref="CommandException">A file cannot be written.</exception>
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

/// <summary>A path with all symbolic links resolved.</summary>
/// <param name="Path">The file itself; for a device, the path as given.</param>
/// <param name="IsDevice">Whether it is a device, or a stream of the process such as <c>/dev/stdout</c>, which is written to and not replaced.</param>
internal sealed record ResolvedPath(string Path, bool IsDevice)
{
    private const int MaxLinks = 40;

    /// <summary>Resolves a path.</summary>
    /// <exception cref="CommandException">The links form a cycle or are too many.</exception>
    public static ResolvedPath Of(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            return new ResolvedPath(full, IsDevice: false);
        var names = new Stack<string>();
        Push(names, full);
        var (at, links) = ("/", 0);
        while (names.TryPop(out var name))
        {
            var next = System.IO.Path.GetFullPath(name, at);
            if (IsUnderDevices(next))
                return new ResolvedPath(full, IsDevice: true);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MaxLinks)
                throw new CommandException($"{path} cannot be written: too many symbolic links");
            at = System.IO.Path.IsPathRooted(target) ? "/" : at;
            Push(names, target);
        }

        return new ResolvedPath(at, IsDevice: false);
    }

    // Files in shared memory are ordinary files. The streams of a process are links to their targets.
    private static bool IsUnderDevices(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal) && path != "/dev/shm" && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || (path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal));

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }
}
