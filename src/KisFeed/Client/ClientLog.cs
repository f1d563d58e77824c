using Microsoft.Extensions.Logging;

namespace KisFeed.Client;

/// <summary>The client's log messages. Event IDs are stable; no message contains a secret or an account number.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1001, LogLevel.Information, "Session {Session}: connected to {Url}")]
    public static partial void Connected(ILogger logger, string session, Uri url);

    [LoggerMessage(1002, LogLevel.Information, "Session {Session}: disconnected from {Url}")]
    public static partial void Disconnected(ILogger logger, string session, Uri url);

    [LoggerMessage(1003, LogLevel.Warning, "Session {Session}: the connection to {Url} was lost: {Reason}")]
    public static partial void Lost(ILogger logger, string session, Uri url, string reason);

    [LoggerMessage(1004, LogLevel.Warning, "Session {Session}: a connection attempt failed: {Reason}; {Next}")]
    public static partial void AttemptFailed(ILogger logger, string session, string reason, string next);

    [LoggerMessage(1005, LogLevel.Error, "Session {Session} ended ({Halt}): {Reason}")]
    public static partial void Halted(ILogger logger, string session, HaltReason halt, string reason);

    [LoggerMessage(1011, LogLevel.Information, "A stream of {TrId} from history connected to {Url}")]
    public static partial void HistoryConnected(ILogger logger, string trId, Uri url);

    [LoggerMessage(
        1012, LogLevel.Warning, "The stream of {TrId} from history lost its connection to {Url}, or could not connect: {Reason}")]
    public static partial void HistoryLost(ILogger logger, string trId, Uri url, string reason);

    [LoggerMessage(1013, LogLevel.Warning, "The process did not run for {Seconds:0.0} s. Frames that arrived meanwhile get the time at "
        + "which they are read; every registration has a gap")]
    public static partial void Paused(ILogger logger, double seconds);

    [LoggerMessage(1101, LogLevel.Debug, "Registered {TrId}")]
    public static partial void Registered(ILogger logger, string trId);

    [LoggerMessage(1102, LogLevel.Debug, "Released {TrId}")]
    public static partial void Released(ILogger logger, string trId);

    [LoggerMessage(1103, LogLevel.Warning, "A registration of {TrId} was refused: {Code} {Text}")]
    public static partial void Refused(ILogger logger, string trId, string code, string text);

    [LoggerMessage(1106, LogLevel.Information, "Evicted {TrId}: a registration with a higher priority has its slot")]
    public static partial void Evicted(ILogger logger, string trId);

    [LoggerMessage(1105, LogLevel.Warning, "Session {Session}: {Left} new registrations are left (limits: {PerMinute} per "
        + "minute, {PerHour} per hour). The broker blocks app keys that register and release in a loop: "
        + "keep registrations instead of releasing them")]
    public static partial void FewRegistrationsLeft(ILogger logger, string session, int left, int perMinute, int perHour);

    [LoggerMessage(1104, LogLevel.Warning, "The server sent an unexpected answer: {Code} {Text} ({Count} so far)")]
    public static partial void UnexpectedReply(ILogger logger, string code, string text, long count);

    [LoggerMessage(1201, LogLevel.Warning, "Records of {TrId} have {Width} columns, {Known} are known: the broker has appended columns. "
        + "They are kept as extra columns; a layout file can name them")]
    public static partial void UnknownWidth(ILogger logger, string trId, int width, int known);

    [LoggerMessage(1202, LogLevel.Warning, "A frame of {TrId} cannot be read: {Error} ({Count} so far)")]
    public static partial void Malformed(ILogger logger, string trId, string error, long count);

    [LoggerMessage(1204, LogLevel.Warning, "The decimal places of the prices of {TrId} {Key} are not known, so they are as the broker "
        + "sends them, without a decimal point: the option PriceScales gives them")]
    public static partial void UnscaledPrices(ILogger logger, string trId, string key);

    [LoggerMessage(1203, LogLevel.Information, "Session {Session}: the replayed day has ended, no more data follow")]
    public static partial void DataEnded(ILogger logger, string session);

    [LoggerMessage(1301, LogLevel.Error, "A handler of {TrId} threw an exception ({Count} so far); its next record follows")]
    public static partial void HandlerFailed(ILogger logger, string trId, long count, Exception error);
}
