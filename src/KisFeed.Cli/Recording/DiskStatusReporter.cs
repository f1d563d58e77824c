using KisFeed.Capture;

namespace KisFeed.Cli.Recording;

/// <summary>Creates messages about the disk: write errors, recovery, removed files. Each is reported once.</summary>
internal sealed class DiskStatusReporter(string folder, TimeProvider time)
{
    private DateTimeOffset? _since;
    private long _lostFiles;

    /// <summary>Processes the status of the recorder and returns new messages for people.</summary>
    public IEnumerable<string> Update(CaptureRecorderStatus status)
    {
        if (status.LostFiles > _lostFiles)
        {
            var more = status.LostFiles - _lostFiles;
            yield return UiText.Of(
                $"{more} {(more == 1 ? "file was" : "files were")} removed from {folder} while being written; their content is lost, and "
                    + "recording continues in new files",
                $"{folder}: 기록 중인 파일 {more}개가 지워졌습니다. 그 내용은 사라졌고, 새 파일에 이어서 기록합니다");
            _lostFiles = status.LostFiles;
        }

        if (_since is null && status.Problem is { } problem)
        {
            _since = status.ProblemSince;
            yield return UiText.Of(
                $"{folder} cannot be written to: {problem}; received frames are queued up to a limit, and writing is retried until it "
                    + "succeeds",
                $"{folder}: 쓸 수 없습니다: {problem}. 받은 프레임을 한도까지 메모리에 두고, 될 때까지 다시 씁니다");
        }
        else if (_since is { } since && status.Problem is null)
        {
            _since = null;
            yield return UiText.Of(
                $"{folder} can be written to again after {(time.GetUtcNow() - since).TotalSeconds:0.0} s; {status.Dropped:N0} frames "
                    + "were dropped so far",
                $"{folder}: {(time.GetUtcNow() - since).TotalSeconds:0.0}초 만에 다시 쓸 수 있습니다. 지금까지 버린 프레임은 {status.Dropped:N0}개입니다");
        }
    }
}
