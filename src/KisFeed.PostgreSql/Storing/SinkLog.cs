using Microsoft.Extensions.Logging;

namespace KisFeed.PostgreSql.Storing;

/// <summary>The log messages of a sink. Event ids are stable; messages contain no received data and no connection string.</summary>
internal static partial class SinkLog
{
    [LoggerMessage(2201, LogLevel.Error, "Nothing can be stored in {Schema}: {Problem}. Storing is retried until it succeeds; "
        + "nothing is lost while the capture keeps its files")]
    public static partial void CannotStore(ILogger logger, string schema, string problem);

    [LoggerMessage(2202, LogLevel.Warning, "Storing in {Schema} works again after {Seconds:0.0} s")]
    public static partial void Resumed(ILogger logger, string schema, double seconds);

    [LoggerMessage(2203, LogLevel.Critical, "Storing in {Schema} failed unexpectedly and is retried")]
    public static partial void Failed(ILogger logger, string schema, Exception error);

    [LoggerMessage(2204, LogLevel.Error, "Storing in {Schema} ended: {Problem}")]
    public static partial void Ended(ILogger logger, string schema, string problem);

    [LoggerMessage(2205, LogLevel.Warning, "{Count} rows were in {Schema} already and were not stored again")]
    public static partial void Duplicates(ILogger logger, string schema, long count);

    [LoggerMessage(2206, LogLevel.Warning, "{File} is not the file that was stored up to byte {Position}: it is read again from its "
        + "beginning, and rows that exist are skipped")]
    public static partial void Restarted(ILogger logger, string file, long position);

    [LoggerMessage(2207, LogLevel.Error, "{File} was removed when {Position} bytes of it were stored: later data may be missing")]
    public static partial void Removed(ILogger logger, string file, long position);

    [LoggerMessage(2208, LogLevel.Error, "The captures in {Folder} cannot be read: {Problem}")]
    public static partial void Unreadable(ILogger logger, string folder, string problem);

    [LoggerMessage(2209, LogLevel.Warning,
        "The files of {Feed} in {Folder} are not stored, because the feed is unknown: a layout file can describe it")]
    public static partial void UnknownFeed(ILogger logger, string folder, string feed);

    [LoggerMessage(
        2213,
        LogLevel.Warning,
        "The prices of {Feed} are stored as the broker sends them, without a decimal point: its master files give their decimal places")]
    public static partial void UnscaledPrices(ILogger logger, string feed);

    [LoggerMessage(2212, LogLevel.Warning, "{Path} is not stored: it {Reason}")]
    public static partial void Skipped(ILogger logger, string path, string reason);

    [LoggerMessage(2210, LogLevel.Information, "{Count} partitions of days before {Day} were dropped from {Schema}")]
    public static partial void Dropped(ILogger logger, int count, DateOnly day, string schema);

    [LoggerMessage(2211, LogLevel.Error, "Days before {Day} cannot be dropped from {Schema}: {Problem}")]
    public static partial void NotDropped(ILogger logger, DateOnly day, string schema, string problem);
}
