using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>The log messages of a source. Event ids are stable; messages contain no received data and no password.</summary>
internal static partial class SourceLog
{
    [LoggerMessage(2551, LogLevel.Error, "The demand of a key of {Feed} could not be withdrawn. It ends with its lease")]
    public static partial void NotReleased(ILogger logger, string feed, Exception error);
}
