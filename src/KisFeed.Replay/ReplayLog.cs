using Microsoft.Extensions.Logging;

namespace KisFeed.Replay;

/// <summary>What a replay logs beside what every server of the protocol does. Never an HTS ID, nor anything of a notice.</summary>
internal static partial class ReplayLog
{
    [LoggerMessage(1, LogLevel.Information, "The replay listens at {Address}; files: {Files}")]
    public static partial void Started(ILogger logger, Uri address, int files);

    [LoggerMessage(2, LogLevel.Information, "The replay has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(50, LogLevel.Information, "The replay begins; registrations: {Registrations}")]
    public static partial void Begun(ILogger logger, int registrations);

    [LoggerMessage(51, LogLevel.Information, "The replay has come to the end of the capture; frames: {Frames}")]
    public static partial void Over(ILogger logger, long frames);

    [LoggerMessage(52, LogLevel.Information, "Everybody has left: the next to register is sent the capture from its beginning")]
    public static partial void Deserted(ILogger logger);

    [LoggerMessage(53, LogLevel.Warning, "The capture holds no frames at all within these times")]
    public static partial void Empty(ILogger logger);

    [LoggerMessage(54, LogLevel.Warning, "Connection {Connection} registered {TrId} {TrKey}, of which the capture held nothing")]
    public static partial void NothingFor(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(55, LogLevel.Warning, "Connection {Connection} registered {TrId} {TrKey} after the end of the capture: nothing comes until everybody has left and registers anew")]
    public static partial void TooLate(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(56, LogLevel.Warning, "The capture holds notices of {TrId} that are for none of the HTS IDs registered")]
    public static partial void StrangersNotice(ILogger logger, string trId);

    [LoggerMessage(60, LogLevel.Warning, "In the capture: {Problem}")]
    public static partial void CaptureProblem(ILogger logger, string problem);

    [LoggerMessage(61, LogLevel.Warning, "In the capture: problems besides these: {Count}")]
    public static partial void MoreCaptureProblems(ILogger logger, int count);

    [LoggerMessage(62, LogLevel.Critical, "The replay has failed: no more frames come")]
    public static partial void Failed(ILogger logger, Exception exception);
}
