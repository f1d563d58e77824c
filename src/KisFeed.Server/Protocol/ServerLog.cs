using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>What the server logs. Never an app key, an approval key or a secret; an HTS ID at debug level only.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(10, LogLevel.Information, "Session {Session} opened from {Remote}")]
    public static partial void SessionOpened(ILogger logger, long session, string remote);

    [LoggerMessage(11, LogLevel.Information, "Session {Session} ended")]
    public static partial void SessionEnded(ILogger logger, long session);

    [LoggerMessage(12, LogLevel.Information, "Session {Session} registered {TrId} {TrKey}")]
    public static partial void Registered(ILogger logger, long session, string trId, string trKey);

    [LoggerMessage(13, LogLevel.Information, "Session {Session} released {TrId} {TrKey}")]
    public static partial void Released(ILogger logger, long session, string trId, string trKey);

    [LoggerMessage(14, LogLevel.Debug, "Session {Session}: the HTS ID of its {TrId} registration is {HtsId}")]
    public static partial void HtsId(ILogger logger, long session, string trId, string htsId);

    [LoggerMessage(15, LogLevel.Information, "Session {Session} refused: {Code} {Text}")]
    public static partial void Refused(ILogger logger, long session, BrokerCode code, string text);

    [LoggerMessage(16, LogLevel.Warning, "Session {Session} cut: the client sent a pong frame that answers no heartbeat. Switch the client's own keep-alive off")]
    public static partial void UnsolicitedPong(ILogger logger, long session);

    [LoggerMessage(17, LogLevel.Warning, "Session {Session} closed: the client did not answer a heartbeat within {Timeout}")]
    public static partial void HeartbeatUnanswered(ILogger logger, long session, TimeSpan timeout);

    [LoggerMessage(18, LogLevel.Warning, "Session {Session} cut: its client has not read for {Limit}")]
    public static partial void SlowClientCut(ILogger logger, long session, TimeSpan limit);

    [LoggerMessage(19, LogLevel.Warning, "Session {Session} closed: a message is longer than {Limit} bytes")]
    public static partial void MessageTooLong(ILogger logger, long session, int limit);

    [LoggerMessage(30, LogLevel.Information, "Approval refused: {Code}")]
    public static partial void ApprovalRefused(ILogger logger, string code);
}
