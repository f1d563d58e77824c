using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>The log messages of configuration and hosting. Event ids are stable; no message holds a secret or an account number.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(2001, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger logger, string warning);

    [LoggerMessage(2101, LogLevel.Critical, "The session has ended for good, no more data come: {Reason}")]
    public static partial void SessionEnded(ILogger logger, string reason);

    [LoggerMessage(2102, LogLevel.Error, "There is no subscription to {Feed}, now or any more: {Reason}")]
    public static partial void NotSubscribed(ILogger logger, string feed, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "{Feed}: data may be missing: {Event}")]
    public static partial void DataMissing(ILogger logger, string feed, FeedEvent @event);

    [LoggerMessage(2104, LogLevel.Warning, "The host's time to stop is over, and handlers still run: what they have not taken is lost")]
    public static partial void NotStoppedInTime(ILogger logger);
}
