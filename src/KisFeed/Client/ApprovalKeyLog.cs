using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>The log messages of the approval keys' file. Event ids are stable; no message holds a key.</summary>
internal static partial class ApprovalKeyLog
{
    [LoggerMessage(1401, LogLevel.Warning, "Others than its owner could read or write {Path}: the approval keys in it are not used, and the file is replaced by one that is its owner's alone")]
    public static partial void FileExposed(ILogger logger, string path);

    [LoggerMessage(1402, LogLevel.Warning, "{Path} is damaged: the approval keys in it are not used, and the file is replaced")]
    public static partial void FileDamaged(ILogger logger, string path);

    [LoggerMessage(1403, LogLevel.Warning, "{Path} cannot be written, so approval keys are kept in memory alone: {Reason}")]
    public static partial void FileNotWritten(ILogger logger, string path, string reason);
}
