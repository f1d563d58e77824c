using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// The log messages of a replay in addition to those of the server. They never contain an HTS ID or anything of a notice.
/// </summary>
internal static partial class ReplayLog
{
    [LoggerMessage(1, LogLevel.Information, "The replay listens at {Address}; files: {Files}")]
    public static partial void Started(ILogger logger, Uri address, int files);

    [LoggerMessage(2, LogLevel.Information, "The replay has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(50, LogLevel.Information, "The replay begins; registrations: {Registrations}")]
    public static partial void Begun(ILogger logger, int registrations);

    [LoggerMessage(51, LogLevel.Information, "The replay reached the end of the capture; frames: {Frames}")]
    public static partial void EndReached(ILogger logger, long frames);

    [LoggerMessage(52, LogLevel.Information, "All clients have left. The next registration restarts the capture from its beginning")]
    public static partial void AllLeft(ILogger logger);

    [LoggerMessage(53, LogLevel.Warning, "The capture holds no frames between the start and end times")]
    public static partial void Empty(ILogger logger);

    [LoggerMessage(54, LogLevel.Warning, "Connection {Connection} registered {TrId} {TrKey}, but the capture held nothing for it")]
    public static partial void NothingFor(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(55, LogLevel.Warning, "Connection {Connection} registered {TrId} {TrKey} after the end of the capture. "
        + "Nothing is sent until all clients have left and register again")]
    public static partial void TooLate(ILogger logger, long connection, string trId, string trKey);

    [LoggerMessage(56, LogLevel.Warning, "The capture holds notices of {TrId} that belong to none of the registered HTS IDs")]
    public static partial void UnmatchedNotice(ILogger logger, string trId);

    [LoggerMessage(60, LogLevel.Warning, "Problem in the capture: {Problem}")]
    public static partial void CaptureProblem(ILogger logger, string problem);

    [LoggerMessage(61, LogLevel.Warning, "Further problems in the capture that are not logged: {Count}")]
    public static partial void MoreCaptureProblems(ILogger logger, int count);

    [LoggerMessage(62, LogLevel.Critical, "The replay failed. No more frames are sent")]
    public static partial void Failed(ILogger logger, Exception exception);
}
