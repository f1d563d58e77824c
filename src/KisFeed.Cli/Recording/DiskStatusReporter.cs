using System.Globalization;
using KisFeed.Capture;

namespace KisFeed.Cli.Recording;

/// <summary>Says in words what becomes of the disk: that it cannot be written to, that it can again, that files are gone. Each is said once.</summary>
internal sealed class DiskStatusReporter(string folder, TimeProvider time)
{
    private DateTimeOffset? _since;
    private long _lostFiles;

    /// <summary>Takes the status of the recorder, and gives what is new in it for people.</summary>
    public IEnumerable<string> Take(CaptureRecorderStatus status)
    {
        if (status.LostFiles > _lostFiles)
        {
            var more = status.LostFiles - _lostFiles;
            yield return $"{more} {(more == 1 ? "file was" : "files were")} removed from {folder} while being written; what was in there is lost, and recording goes on elsewhere";
            _lostFiles = status.LostFiles;
        }

        if (_since is null && status.Problem is { } problem)
        {
            _since = status.ProblemSince;
            yield return $"{folder} cannot be written to: {problem}; what is received waits as far as there is room, and writing is tried again until it works";
        }
        else if (_since is { } since && status.Problem is null)
        {
            _since = null;
            yield return string.Create(CultureInfo.InvariantCulture, $"{folder} is written to again after {(time.GetUtcNow() - since).TotalSeconds:0.0} s; {status.Dropped:N0} frames have been dropped so far");
        }
    }
}
