using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Captures;

/// <summary>
/// A file that is there with all that belongs into it, or not at all: written under another name beside its place, and put there when it is whole.
/// </summary>
internal sealed class NewFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _replaces;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="replaces">Whether a file that is there already is replaced.</param>
    /// <param name="isPrivate">Whether only the owner may read it.</param>
    /// <exception cref="CommandException">There is a file already, or none can be written there.</exception>
    public NewFile(string path, bool replaces, bool isPrivate)
    {
        _path = path;
        _replaces = replaces;
        _temporary = $"{path}.{Environment.ProcessId}.tmp";
        if (!replaces && File.Exists(path))
            throw new CommandException($"{path} exists already: name another file, or replace it with --force");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            Content = new FileStream(_temporary, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be written: {e.Message}", e);
        }
    }

    public FileStream Content { get; }

    /// <summary>Puts the file into its place.</summary>
    /// <exception cref="CommandException">There is a file by now.</exception>
    public void Complete()
    {
        Content.Dispose();
        try
        {
            File.Move(_temporary, _path, _replaces);
        }
        catch (IOException e) when (!_replaces && File.Exists(_path))
        {
            throw new CommandException($"{_path} exists by now: name another file, or replace it with --force", e);
        }
    }

    /// <summary>Leaves nothing of a file that is not in its place.</summary>
    public void Dispose()
    {
        Content.Dispose();
        File.Delete(_temporary);
    }
}
