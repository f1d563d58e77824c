using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>
/// The log messages of configuration and hosting. Event IDs are stable; no message contains a secret or an account number.
/// </summary>
internal static partial class HostingLog
{
    [LoggerMessage(2001, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger logger, string warning);

    [LoggerMessage(2101, LogLevel.Critical, "The session has ended permanently, no more data arrive: {Reason}")]
    public static partial void SessionEnded(ILogger logger, string reason);

    [LoggerMessage(2102, LogLevel.Error, "The subscription to {Feed} failed permanently: {Reason}")]
    public static partial void NotSubscribed(ILogger logger, string feed, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "{Feed}: data may be missing: {Event}")]
    public static partial void DataMissing(ILogger logger, string feed, FeedEvent @event);

    [LoggerMessage(2104, LogLevel.Warning,
        "The host's shutdown timeout has passed while handlers are still running: records that they have not handled are lost")]
    public static partial void NotStoppedInTime(ILogger logger);
}
