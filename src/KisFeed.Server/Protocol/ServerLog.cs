using System.Net.Sockets;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Protocol;

/// <summary>The log messages of the server. They never contain an app key, an approval key, a secret or an HTS ID.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(10, LogLevel.Information, "Connection {Connection} opened from {Remote}")]
    public static partial void SessionOpened(ILogger logger, long connection, string remote);

    [LoggerMessage(14, LogLevel.Information, "Connection {Connection} from {Remote} refused before its session began: {Code} {Text}")]
    public static partial void UnauthenticatedRefused(ILogger logger, long connection, string remote, BrokerCode code, string text);

    [LoggerMessage(23, LogLevel.Information, "Connection {Connection} from {Remote} ended before its session began")]
    public static partial void UnauthenticatedEnded(ILogger logger, long connection, string remote);

    [LoggerMessage(24, LogLevel.Information,
        "{Count} more connections were refused or ended before their sessions began since the previous message of this kind")]
    public static partial void MoreUnauthenticated(ILogger logger, long count);

    [LoggerMessage(11, LogLevel.Information, "Connection {Connection} ended")]
    public static partial void SessionEnded(ILogger logger, long connection);

    [LoggerMessage(12, LogLevel.Information, "Connection {Connection} registered {TrId} {TrKey}")]
    public static partial void Registered(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(13, LogLevel.Information, "Connection {Connection} released {TrId} {TrKey}")]
    public static partial void Released(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(15, LogLevel.Information, "Connection {Connection} refused: {Code} {Text}")]
    public static partial void Refused(ILogger logger, long connection, BrokerCode code, string text);

    [LoggerMessage(16, LogLevel.Warning, "Connection {Connection} cut: the client sent {Pong}. Disable the client's own keep-alive")]
    public static partial void UnsolicitedPong(ILogger logger, long connection, string pong);

    [LoggerMessage(17, LogLevel.Warning, "Connection {Connection} closed: the client did not answer a heartbeat within {Timeout}")]
    public static partial void HeartbeatUnanswered(ILogger logger, long connection, TimeSpan timeout);

    [LoggerMessage(18, LogLevel.Warning, "Connection {Connection} cut: the client has not read for {Limit}")]
    public static partial void SlowClientCut(ILogger logger, long connection, TimeSpan limit);

    [LoggerMessage(19, LogLevel.Warning, "Connection {Connection} closed: a message is longer than {Limit} bytes")]
    public static partial void MessageTooLong(ILogger logger, long connection, int limit);

    [LoggerMessage(20, LogLevel.Warning,
        "Connection {Connection} closed: {Reason}. {Skipped} more were closed for similar reasons since the previous message of this kind")]
    public static partial void Flooded(ILogger logger, long connection, string reason, long skipped);

    [LoggerMessage(21, LogLevel.Error, "Connection {Connection} closed: handling a message failed")]
    public static partial void SessionFailed(ILogger logger, long connection, Exception exception);

    [LoggerMessage(22, LogLevel.Error, "No connection can be accepted for now: {Error}. {Skipped} more attempts failed since the previous "
        + "message of this kind. TooManyOpenSockets means that the limit of open files is too low (LimitNOFILE= of the unit, ulimit -n)")]
    public static partial void AcceptFailed(ILogger logger, SocketError error, long skipped);

    [LoggerMessage(31, LogLevel.Warning, "An invalid request to {Endpoint} was refused with status {Status}. {Skipped} more were refused "
        + "since the previous message of this kind")]
    public static partial void InvalidRequest(ILogger logger, string endpoint, int status, long skipped);

    [LoggerMessage(30, LogLevel.Information, "Approval refused: {Code}")]
    public static partial void ApprovalRefused(ILogger logger, string code);
}
