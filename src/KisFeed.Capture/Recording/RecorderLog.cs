using Microsoft.Extensions.Logging;

namespace KisFeed.Capture;

/// <summary>The recorder's log messages. Event ids are stable; no message holds what was received.</summary>
internal static partial class RecorderLog
{
    [LoggerMessage(2001, LogLevel.Error, "{Folder} cannot be written to: {Problem}. What is received waits as far as there is room; it is tried again until it can")]
    public static partial void CannotWrite(ILogger logger, string folder, string problem);

    [LoggerMessage(2002, LogLevel.Warning, "{Folder} can be written to again after {Seconds:0.0} s; {Dropped} frames were dropped so far, and stand as gaps")]
    public static partial void Resumed(ILogger logger, string folder, double seconds, long dropped);

    [LoggerMessage(2003, LogLevel.Error, "{Count} files were removed from {Folder} while they were being written; what was in them is lost, and recording goes on in others")]
    public static partial void FilesLost(ILogger logger, string folder, long count);

    [LoggerMessage(2004, LogLevel.Error, "The end of what was received, {Count} frames, could not be written to {Folder}: {Problem}")]
    public static partial void Lost(ILogger logger, string folder, long count, string problem);

    [LoggerMessage(2005, LogLevel.Critical, "The recorder of {Folder} failed unexpectedly, and tries again")]
    public static partial void Failed(ILogger logger, string folder, Exception error);

    [LoggerMessage(2006, LogLevel.Error, "A frame or event of {TrId} could not be recorded, and stands as a gap")]
    public static partial void NotRecorded(ILogger logger, string? trId, Exception error);
}
