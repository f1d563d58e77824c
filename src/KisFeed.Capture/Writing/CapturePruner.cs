using KisFeed.Capture.Files;
using Microsoft.Extensions.Logging;

namespace KisFeed.Capture.Writing;

/// <summary>Deletes the files of a folder that exceed a <see cref="CaptureRetention"/>. Not thread-safe.</summary>
/// <param name="folder">The folder of the capture.</param>
/// <param name="limits">The limits.</param>
/// <param name="logger">Logs each deletion.</param>
internal sealed class CapturePruner(string folder, CaptureRetention limits, ILogger logger)
{
    private readonly DeletedData _deleted = new(folder);
    private readonly HashSet<string> _undeletable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _isOfRecorder = new(StringComparer.Ordinal); // So that each file is opened once.
    private bool _hasReportedExcess;
    private string? _failure;

    /// <summary>Deletes files that are too old, then the oldest files while the total size is too large.</summary>
    /// <param name="today">The current day in Korea.</param>
    /// <param name="open">The paths of files being written.</param>
    /// <param name="manifestOf">Returns the writer's manifest of a day's folder.</param>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be searched.</exception>
    public void Run(DateOnly today, IReadOnlySet<string> open, Func<string, DateOnly, Manifest> manifestOf)
    {
        var files = DatedFile.In(folder).Where(IsOfRecorder).Order().ToList();
        var newest = files.Where(f => f.Day >= today).GroupBy(f => (f.Day, f.Feed)).Select(group => group.Last().Path)
            .ToHashSet(StringComparer.Ordinal);
        var total = files.Sum(f => f.Length);
        foreach (var file in files)
        {
            var isTooOld = limits.KeepDays is { } days && file.Day <= today.AddDays(-days);
            if (!isTooOld && !(total > limits.MaxBytes))
                continue;
            if (open.Contains(file.Path) || newest.Contains(file.Path) || !TryDelete(file, manifestOf(file.Folder, file.Day)))
                continue;
            total -= file.Length;
            _isOfRecorder.Remove(file.Path);
            if (isTooOld)
                RetentionLog.DeletedByAge(logger, file.Path, file.Length, today.DayNumber - file.Day.DayNumber, limits.KeepDays!.Value);
            else
                RetentionLog.DeletedBySize(logger, file.Path, file.Length, today.DayNumber - file.Day.DayNumber, limits.MaxBytes!.Value);
        }

        Report(total);
        _failure = null;
    }

    /// <summary>Logs a failure; repeated failures for the same reason are logged once.</summary>
    public void ReportFailure(Exception e)
    {
        if (_failure != e.Message)
            RetentionLog.Failed(logger, folder, e.Message);
        _failure = e.Message;
    }

    private void Report(long total)
    {
        var isExcess = total > limits.MaxBytes;
        if (isExcess && !_hasReportedExcess)
            RetentionLog.Excess(logger, folder, total, limits.MaxBytes!.Value);
        _hasReportedExcess = isExcess;
    }

    // Updates the manifest and the times of deleted data before it deletes the file, so that no file is missing silently. On a full disk
    // they can be written only afterwards.
    private bool TryDelete(DatedFile file, Manifest manifest)
    {
        try
        {
            // Without a complete entry the time of its last line is not known, but it is of the same day.
            var name = Path.GetFileName(file.Path);
            _deleted.Add(file.Feed, manifest.Get(name) is { Sha256: not null, Last: { } last } ? last : CaptureDays.EndOf(file.Day));
            manifest.Remove(name);
            var isSaved = TrySave(manifest);
            File.Delete(file.Path);
            if (!isSaved)
            {
                manifest.Save();
                _deleted.Save();
            }

            DeleteIfEmpty(file.Folder, manifest);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_undeletable.Add(file.Path))
                RetentionLog.NotDeleted(logger, file.Path, e.Message);
            return !File.Exists(file.Path);
        }
    }

    private bool TrySave(Manifest manifest)
    {
        try
        {
            _deleted.Save();
            manifest.Save();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A folder with other content is kept.
    private static void DeleteIfEmpty(string folder, Manifest manifest)
    {
        var rest = Directory.EnumerateFileSystemEntries(folder).Take(2).ToList();
        if (!manifest.IsEmpty || rest.Count > 1 || (rest is [var only] && Path.GetFileName(only) != Manifest.FileName))
            return;
        manifest.Delete();
        Directory.Delete(folder);
    }

    // Another program's file may have such a name too; a recorder's file begins with a header that names its feed.
    private bool IsOfRecorder(DatedFile file)
    {
        if (!_isOfRecorder.TryGetValue(file.Path, out var isSo))
        {
            _isOfRecorder.Add(
                file.Path, isSo = FileProbe.Read(file.Path) is { Format: CaptureFileFormat.Blocks } found && found.TrId == file.Feed);
        }
        return isSo;
    }
}

/// <summary>The log messages of deletions. Event ids are stable.</summary>
internal static partial class RetentionLog
{
    [LoggerMessage(2101, LogLevel.Information, "{File} deleted: {Bytes} bytes, {Days} days old; captures are kept for {KeepDays} days")]
    public static partial void DeletedByAge(ILogger logger, string file, long bytes, int days, int keepDays);

    [LoggerMessage(
        2102, LogLevel.Information, "{File} deleted: {Bytes} bytes, {Days} days old; the limit of the captures is {MaxBytes} bytes")]
    public static partial void DeletedBySize(ILogger logger, string file, long bytes, int days, long maxBytes);

    [LoggerMessage(2103, LogLevel.Warning, "The captures in {Folder} take {Bytes} bytes, more than the limit of {MaxBytes}: "
        + "the remaining files are being written or cannot be deleted")]
    public static partial void Excess(ILogger logger, string folder, long bytes, long maxBytes);

    [LoggerMessage(2104, LogLevel.Warning, "{File} cannot be deleted: {Problem}")]
    public static partial void NotDeleted(ILogger logger, string file, string problem);

    [LoggerMessage(2105, LogLevel.Warning, "Old captures in {Folder} cannot be deleted: {Problem}")]
    public static partial void Failed(ILogger logger, string folder, string problem);
}
