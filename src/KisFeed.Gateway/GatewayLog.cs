using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// Log messages of the gateway, in addition to those of every server of the protocol. None contains a credential, an HTS ID
/// or the content of an order notice.
/// </summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Information, "The gateway listens at {Address}")]
    public static partial void Started(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Information, "The gateway has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Anyone who can reach {Address} has access, with any credentials")]
    public static partial void OpenToEveryone(ILogger logger, string address);

    [LoggerMessage(4, LogLevel.Error, "{TrId} is not recorded: {Problem}")]
    public static partial void NotRecorded(ILogger logger, string trId, string problem);

    [LoggerMessage(88, LogLevel.Error, "{TrId} is not published: {Problem}")]
    public static partial void NotPublished(ILogger logger, string trId, string problem);

    [LoggerMessage(5, LogLevel.Critical, "{Frames} received frames could not be recorded before the end: {Problem}")]
    public static partial void RecordingLost(ILogger logger, long frames, string problem);

    [LoggerMessage(6, LogLevel.Error, "Upstream refuses {TrId} {TrKey}, which should stay registered: {Code}")]
    public static partial void NotKept(ILogger logger, string trId, string trKey, BrokerCode code);

    [LoggerMessage(7, LogLevel.Warning, "The gateway accepts only {Connections} connections instead of {Asked}: the process may have "
        + "{Limit} open files, of which it reserves {Reserve}. To accept more, raise the limit (LimitNOFILE= of the unit, ulimit -n)")]
    public static partial void FewerConnections(ILogger logger, int connections, int asked, long limit, int reserve);

    [LoggerMessage(70, LogLevel.Information, "Registered upstream: {TrId} {TrKey}")]
    public static partial void RegisteredUpstream(ILogger logger, string trId, string trKey);

    [LoggerMessage(71, LogLevel.Information, "Released upstream: {TrId} {TrKey}")]
    public static partial void ReleasedUpstream(ILogger logger, string trId, string trKey);

    [LoggerMessage(72, LogLevel.Warning, "Upstream refuses {TrId} {TrKey}: {Code}. {Problem}")]
    public static partial void Refused(ILogger logger, string trId, string trKey, BrokerCode code, string problem);

    [LoggerMessage(73, LogLevel.Warning, "Upstream ended the registration of {TrId} {TrKey}: {Code}. {Problem}")]
    public static partial void Lost(ILogger logger, string trId, string trKey, BrokerCode code, string problem);

    [LoggerMessage(74, LogLevel.Warning, "Upstream cannot be reached: new registrations wait until it can")]
    public static partial void UpstreamUnreachable(ILogger logger);

    [LoggerMessage(75, LogLevel.Information, "Upstream is reachable again")]
    public static partial void UpstreamReachable(ILogger logger);

    [LoggerMessage(76, LogLevel.Warning,
        "An order notice of {TrId} could not be read: it is not delivered, and every HTS ID that it may belong to gets a gap")]
    public static partial void NoticeWithheld(ILogger logger, string trId);

    [LoggerMessage(87, LogLevel.Warning, "Consumer {Consumer} has {Left} new registrations left of {PerMinute} a minute and {PerHour} an "
        + "hour; beyond that it is refused. The broker blocks app keys that register and release in a loop")]
    public static partial void FewRegistrationsLeft(ILogger logger, string consumer, int left, int perMinute, int perHour);

    [LoggerMessage(77, LogLevel.Critical, "The upstream session has ended permanently: {Problem}")]
    public static partial void Over(ILogger logger, string problem);

    [LoggerMessage(78, LogLevel.Critical, "The gateway failed and delivers no more frames")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(82, LogLevel.Warning, "Connection {Connection} closed: consumer {Consumer} lost the right to its registrations")]
    public static partial void RightsLost(ILogger logger, long connection, string consumer);

    [LoggerMessage(83, LogLevel.Warning,
        "Connection {Connection} closed: its client kept exceeding the request limit. {Skipped} similar messages were skipped")]
    public static partial void Flood(ILogger logger, long connection, long skipped);

    [LoggerMessage(85, LogLevel.Warning, "A stream of {Consumer} was ended: {Reason}. {Skipped} similar messages were skipped")]
    public static partial void StreamFlood(ILogger logger, string consumer, string reason, long skipped);

    [LoggerMessage(86, LogLevel.Error, "A stream of {Consumer} was ended: handling a message failed")]
    public static partial void StreamFailed(ILogger logger, string consumer, Exception exception);

    [LoggerMessage(
        80, LogLevel.Warning, "Connection {Connection} closed: its client does not keep up, and {Limit} bytes are queued for it")]
    public static partial void SlowConsumer(ILogger logger, long connection, int limit);

    [LoggerMessage(84, LogLevel.Warning, "Connection {Connection} was notified that upstream no longer provides {TrId}: {Code}")]
    public static partial void RefusedLater(ILogger logger, long connection, string trId, BrokerCode code);

    [LoggerMessage(81, LogLevel.Warning, "Connection {Connection} closed: upstream no longer provides {TrId}: {Code}")]
    public static partial void ClaimEnded(ILogger logger, long connection, string trId, BrokerCode code);
}
