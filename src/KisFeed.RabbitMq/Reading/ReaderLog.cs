using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>The log messages of a reader. Event ids are stable; messages contain no received data and no password.</summary>
internal static partial class ReaderLog
{
    [LoggerMessage(2501, LogLevel.Information, "{Stream} is read from {Address}")]
    public static partial void Connected(ILogger logger, string stream, string address);

    [LoggerMessage(2502, LogLevel.Error, "{Stream} cannot be read from {Address}: {Problem}. Reading is retried until it succeeds")]
    public static partial void CannotRead(ILogger logger, string stream, string address, string problem);

    [LoggerMessage(2503, LogLevel.Critical, "Reading of {Stream} failed unexpectedly and is retried")]
    public static partial void Failed(ILogger logger, string stream, Exception error);

    [LoggerMessage(2504, LogLevel.Error, "The message of {Stream} at offset {Offset} is skipped: {Problem}")]
    public static partial void Malformed(ILogger logger, string stream, long offset, string problem);

    [LoggerMessage(2505, LogLevel.Warning, "Data of {Source} is missing in {Stream} before offset {Offset}")]
    public static partial void Missing(ILogger logger, string stream, string source, long offset);

    [LoggerMessage(2506, LogLevel.Warning,
        "{Address} has no message of {Stream} from offset {Offset} on. It is read again from {From} on; what was read before is dropped")]
    public static partial void NothingThere(ILogger logger, string stream, string address, long offset, string from);

    [LoggerMessage(2507, LogLevel.Error,
        "The offsets of {Stream} have gone back to {Offset}: it was deleted and created again, or has lost its end. Data may be missing")]
    public static partial void Replaced(ILogger logger, string stream, long offset);
}
