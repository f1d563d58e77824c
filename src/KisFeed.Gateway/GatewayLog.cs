using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>What the gateway logs beside what every server of the protocol does. Never a credential, an HTS ID or anything of a notice.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Information, "The gateway listens at {Address}")]
    public static partial void Started(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Information, "The gateway has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Everybody who can reach {Address} is let in, whatever the credentials")]
    public static partial void Everybody(ILogger logger, string address);

    [LoggerMessage(4, LogLevel.Error, "{TrId} is not recorded: {Problem}")]
    public static partial void NotRecorded(ILogger logger, string trId, string problem);

    [LoggerMessage(5, LogLevel.Critical, "{Frames} frames that were received could not be recorded at last: {Problem}")]
    public static partial void RecordingLost(ILogger logger, long frames, string problem);

    [LoggerMessage(6, LogLevel.Error, "Upstream does not give {TrId} {TrKey}, which is to be kept registered: {Code}")]
    public static partial void NotPinned(ILogger logger, string trId, string trKey, BrokerCode code);

    [LoggerMessage(7, LogLevel.Warning, "The gateway takes {Connections} connections rather than {Asked}: the process may have {Limit} files open, of which it keeps {Reserve} for itself. For more, raise the limit (LimitNOFILE= of the unit, ulimit -n)")]
    public static partial void FewerConnections(ILogger logger, int connections, int asked, long limit, int reserve);

    [LoggerMessage(70, LogLevel.Information, "Upstream has {TrId} {TrKey}")]
    public static partial void Added(ILogger logger, string trId, string trKey);

    [LoggerMessage(71, LogLevel.Information, "Upstream has let {TrId} {TrKey} go")]
    public static partial void Removed(ILogger logger, string trId, string trKey);

    [LoggerMessage(72, LogLevel.Warning, "Upstream does not give {TrId} {TrKey}: {Code}. {Problem}")]
    public static partial void Refused(ILogger logger, string trId, string trKey, BrokerCode code, string problem);

    [LoggerMessage(73, LogLevel.Warning, "Upstream has taken {TrId} {TrKey} back: {Code}. {Problem}")]
    public static partial void Lost(ILogger logger, string trId, string trKey, BrokerCode code, string problem);

    [LoggerMessage(74, LogLevel.Warning, "Upstream is out of reach: what consumers ask for is registered when it is back")]
    public static partial void Down(ILogger logger);

    [LoggerMessage(75, LogLevel.Information, "Upstream is within reach")]
    public static partial void Up(ILogger logger);

    [LoggerMessage(76, LogLevel.Warning, "An order notice of {TrId} could not be read: nobody receives it, and every HTS ID that it may have been for gets a gap")]
    public static partial void NoticeWithheld(ILogger logger, string trId);

    [LoggerMessage(84, LogLevel.Warning, "Consumer {Consumer} has {Left} new registrations left of {PerMinute} a minute and {PerHour} an hour; beyond that it is refused. The broker blocks app keys that register and release in a loop")]
    public static partial void FewRegistrationsLeft(ILogger logger, string consumer, int left, int perMinute, int perHour);

    [LoggerMessage(77, LogLevel.Critical, "Upstream is lost for good: {Problem}")]
    public static partial void Over(ILogger logger, string problem);

    [LoggerMessage(78, LogLevel.Critical, "The gateway has failed: no more frames come")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(82, LogLevel.Warning, "Connection {Connection} closed: consumer {Consumer} may no longer have what it had")]
    public static partial void RightsLost(ILogger logger, long connection, string consumer);

    [LoggerMessage(83, LogLevel.Warning, "Connection {Connection} closed: its client went on sending more requests than a consumer may. {Skipped} others were closed for it since the last of these lines")]
    public static partial void Flood(ILogger logger, long connection, long skipped);

    [LoggerMessage(85, LogLevel.Warning, "A stream of {Consumer} was ended: {Reason}. {Skipped} others were ended for such a reason since the last of these lines")]
    public static partial void StreamFlood(ILogger logger, string consumer, string reason, long skipped);

    [LoggerMessage(86, LogLevel.Error, "A stream of {Consumer} was ended: handling a message failed")]
    public static partial void StreamFailed(ILogger logger, string consumer, Exception exception);

    [LoggerMessage(80, LogLevel.Warning, "Connection {Connection} closed: its client does not keep up, and {Limit} bytes wait for it")]
    public static partial void SlowConsumer(ILogger logger, long connection, int limit);

    [LoggerMessage(84, LogLevel.Warning, "Connection {Connection} was told that upstream does not provide {TrId} any more: {Code}")]
    public static partial void RefusedLater(ILogger logger, long connection, string trId, BrokerCode code);

    [LoggerMessage(81, LogLevel.Warning, "Connection {Connection} closed: upstream does not give {TrId} any more: {Code}")]
    public static partial void LeaseEnded(ILogger logger, long connection, string trId, BrokerCode code);
}
