namespace KisFeed.Cli.Captures;

/// <summary>
/// A file that is created completely or not at all: it is written under a temporary name in the same folder and renamed when it is
/// complete. A device is written directly.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly string? _temporary;
    private readonly bool _replaces;

    public AtomicFile(string path, ResolvedPath target, bool replaces, bool isPrivate)
    {
        _path = path;
        _replaces = replaces;
        Target = target;
        _temporary = target.IsDevice ? null : $"{target.Path}.{Environment.ProcessId}.tmp";
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new CommandException(UiText.Of($"{path} is a folder: give the path of a file", $"{path}: 폴더입니다. 파일 경로를 쓰세요"));
        if (!replaces && !target.IsDevice && File.Exists(target.Path))
        {
            throw new CommandException(UiText.Of(
                $"{path} exists already: choose another file, or replace it with --force",
                $"{path}: 이미 있는 파일입니다. 다른 파일을 쓰거나 --force로 덮어쓰세요"));
        }
        try
        {
            Content = _temporary is null ? Open(target.Path) : Create(_temporary, isPrivate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(UiText.Of($"{path} cannot be written: {TextOf(e)}", $"{path} 파일에 쓸 수 없습니다: {TextOf(e)}"), e);
        }
    }

    public FileStream Content { get; }

    public ResolvedPath Target { get; }

    /// <summary>Returns the message of an exception, with the user's path in place of the temporary one.</summary>
    public string TextOf(Exception e) => _temporary is null ? e.Message : e.Message.Replace(_temporary, _path, StringComparison.Ordinal);

    /// <summary>Renames the file to its path.</summary>
    public void Complete()
    {
        Content.Dispose();
        if (_temporary is null)
            return;
        try
        {
            File.Move(_temporary, Target.Path, _replaces);
        }
        catch (IOException e) when (!_replaces && File.Exists(Target.Path))
        {
            throw new CommandException(UiText.Of(
                $"{_path} exists by now: choose another file, or replace it with --force",
                $"{_path}: 그사이에 같은 이름의 파일이 생겼습니다. 다른 파일을 쓰거나 --force로 덮어쓰세요"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(UiText.Of($"{_path} cannot be written: {TextOf(e)}", $"{_path} 파일에 쓸 수 없습니다: {TextOf(e)}"), e);
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
        var options =
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    // A stream of the process may be a file that has content already.
    private static FileStream Open(string device)
    {
        var stream = new FileStream(
            device, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 });
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        return stream;
    }
}
