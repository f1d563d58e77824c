namespace KisFeed.Cli.Recording;

/// <summary>A folder to record into: a given one, which stays, or a temporary one, which is removed at the end.</summary>
internal sealed class RecordingFolder : IDisposable
{
    private readonly CommandHost _host;

    private RecordingFolder(CommandHost host, string path, bool isTemporary)
    {
        _host = host;
        Path = path;
        IsTemporary = isTemporary;
    }

    public string Path { get; }

    public bool IsTemporary { get; }

    /// <summary>Opens the given folder, or a temporary one if none is given.</summary>
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
            throw new CommandException(
                UiText.Of(
                    $"a temporary folder for the recording cannot be created ({e.Message}); use '--record DIR' for another folder",
                    $"기록할 임시 폴더를 만들 수 없습니다({e.Message}). '--record DIR'로 다른 폴더를 지정하세요"), e);
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
            _host.WriteMessage(UiText.Of(
                $"kisfeed: {Path} could not be removed: {e.Message}",
                $"kisfeed: {Path} 폴더를 삭제할 수 없습니다: {e.Message}"));
        }
    }
}
