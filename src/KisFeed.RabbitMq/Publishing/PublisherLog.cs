using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>The log messages of a publisher. Event ids are stable; messages contain no received data and no password.</summary>
internal static partial class PublisherLog
{
    [LoggerMessage(2401, LogLevel.Information, "{Source} publishes to {Address}; {Batches} batches are sent again")]
    public static partial void Connected(ILogger logger, string source, string address, int batches);

    [LoggerMessage(2402, LogLevel.Error, "{Source} cannot publish to {Address}: {Problem}. Publishing is retried until it succeeds")]
    public static partial void CannotPublish(ILogger logger, string source, string address, string problem);

    [LoggerMessage(2403, LogLevel.Warning, "{Source} publishes again after {Seconds:0.0} s")]
    public static partial void Resumed(ILogger logger, string source, double seconds);

    [LoggerMessage(2404, LogLevel.Critical, "Publishing of {Source} failed unexpectedly and is retried")]
    public static partial void Failed(ILogger logger, string source, Exception error);

    [LoggerMessage(2405, LogLevel.Error, "Publishing of {Source} ended: {Problem}")]
    public static partial void Ended(ILogger logger, string source, string problem);

    [LoggerMessage(2406, LogLevel.Information, "{Source} is live; {Count} frames and events were read from the capture since {Since:O}")]
    public static partial void CaughtUp(ILogger logger, string source, long count, DateTimeOffset since);

    [LoggerMessage(2407, LogLevel.Error, "{Source} cannot keep its position in {Path}: {Problem}")]
    public static partial void PositionNotWritten(ILogger logger, string source, string path, string problem);

    [LoggerMessage(2408, LogLevel.Error, "{Source} cannot read a part of the capture: {Problem}")]
    public static partial void Unreadable(ILogger logger, string source, string problem);
}
