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
            yield return $"{more} {(more == 1 ? "file was" : "files were")} removed from {folder} while being written; "
                + "their content is lost, and recording continues in new files";
            _lostFiles = status.LostFiles;
        }

        if (_since is null && status.Problem is { } problem)
        {
            _since = status.ProblemSince;
            yield return $"{folder} cannot be written to: {problem}; received frames are queued up to a limit, and writing "
                + "is retried until it succeeds";
        }
        else if (_since is { } since && status.Problem is null)
        {
            _since = null;
            yield return $"{folder} can be written to again after {(time.GetUtcNow() - since).TotalSeconds:0.0} s; "
                + $"{status.Dropped:N0} frames were dropped so far";
        }
    }
}
