using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Captures;

/// <summary>
/// A file that is there with all that belongs into it, or not at all: written under another name beside its place, and put there when it is whole. A device is
/// written to as it is.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string? _temporary;
    private readonly bool _replaces;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its path, as it is told to people.</param>
    /// <param name="place">Where that leads.</param>
    /// <param name="replaces">Whether a file that is there already is replaced.</param>
    /// <param name="isPrivate">Whether only the owner may read it.</param>
    /// <exception cref="CommandException">There is a file already, or none can be written there.</exception>
    public AtomicFile(string path, ResolvedPath place, bool replaces, bool isPrivate)
    {
        _path = path;
        _replaces = replaces;
        Place = place;
        _temporary = place.IsDevice ? null : $"{place.Path}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new CommandException($"{path} is a folder: name a file in it");
        if (!replaces && !place.IsDevice && File.Exists(place.Path))
            throw new CommandException($"{path} exists already: name another file, or replace it with --force");
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

    /// <summary>What is wrong, with the name by which people know the file.</summary>
    public string TextOf(Exception e) => _temporary is null ? e.Message : e.Message.Replace(_temporary, _path, StringComparison.Ordinal);

    /// <summary>Puts the file into its place.</summary>
    /// <exception cref="CommandException">There is a file by now, or it cannot be put there.</exception>
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
            throw new CommandException($"{_path} exists by now: name another file, or replace it with --force", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{_path} cannot be written: {TextOf(e)}", e);
        }
    }

    /// <summary>Leaves nothing of a file that is not in its place.</summary>
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

    // Behind a stream of the process may be a file that has content already.
    private static FileStream Open(string device)
    {
        var stream = new FileStream(device, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 });
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        return stream;
    }
}

/// <summary>Files that are put into their places together, when all of them are whole.</summary>
internal sealed class AtomicFileSet(bool replace) : IDisposable
{
    private readonly List<AtomicFile> _files = [];

    /// <summary>Begins a file.</summary>
    /// <exception cref="CommandException">There is one already, or none can be written there, or it is one of those that have been begun.</exception>
    public Stream Begin(string path, bool isPrivate)
    {
        var place = ResolvedPath.Of(path);
        if (!place.IsDevice && _files.Any(other => other.Place == place))
            throw new CommandException($"{path} is to be written twice: name another file for --gaps than for --out");
        var file = new AtomicFile(path, place, replace, isPrivate);
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

/// <summary>Where what is written to a path comes to lie, behind all links that lead there.</summary>
/// <param name="Path">The file itself; of a device, the path as it was given.</param>
/// <param name="IsDevice">Whether it is a device, or a stream of the process such as <c>/dev/stdout</c>: to be written to, not to be replaced.</param>
internal sealed record ResolvedPath(string Path, bool IsDevice)
{
    private const int MostLinks = 40;

    /// <summary>Follows a path.</summary>
    /// <exception cref="CommandException">Its links lead nowhere.</exception>
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

            if (++links > MostLinks)
                throw new CommandException($"{path} cannot be written: its links lead nowhere");
            at = System.IO.Path.IsPathRooted(target) ? "/" : at;
            Push(names, target);
        }

        return new ResolvedPath(at, IsDevice: false);
    }

    // What lies in shared memory is a file like any other. The streams of a process are links to whatever they are.
    private static bool IsUnderDevices(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal) && path != "/dev/shm" && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || (path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal));

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }
}
