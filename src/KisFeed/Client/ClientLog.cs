using Microsoft.Extensions.Logging;

namespace KisFeed;

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
    public static partial void Halted(ILogger logger, string session, Session.HaltReason halt, string reason);

    [LoggerMessage(1101, LogLevel.Debug, "Registered {TrId}")]
    public static partial void Registered(ILogger logger, string trId);

    [LoggerMessage(1102, LogLevel.Debug, "Released {TrId}")]
    public static partial void Released(ILogger logger, string trId);

    [LoggerMessage(1103, LogLevel.Warning, "A registration of {TrId} was refused: {Code} {Text}")]
    public static partial void Refused(ILogger logger, string trId, string code, string text);

    [LoggerMessage(1105, LogLevel.Warning, "Session {Session}: {Left} new registrations are left (limits: {PerMinute} per minute, {PerHour} per hour). The broker blocks app keys that register and release in a loop: keep registrations instead of releasing them")]
    public static partial void FewRegistrationsLeft(ILogger logger, string session, int left, int perMinute, int perHour);

    [LoggerMessage(1104, LogLevel.Warning, "The server sent an unexpected answer: {Code} {Text} ({Count} so far)")]
    public static partial void UnexpectedReply(ILogger logger, string code, string text, long count);

    [LoggerMessage(1201, LogLevel.Warning, "Records of {TrId} have {Width} columns, {Known} are known: the broker has appended columns. They are kept as extra columns; a layout file can name them")]
    public static partial void UnknownWidth(ILogger logger, string trId, int width, int known);

    [LoggerMessage(1202, LogLevel.Warning, "A frame of {TrId} cannot be read: {Error} ({Count} so far)")]
    public static partial void Malformed(ILogger logger, string trId, string error, long count);

    [LoggerMessage(1203, LogLevel.Information, "Session {Session}: the replayed day has ended, no more data follow")]
    public static partial void DataEnded(ILogger logger, string session);

    [LoggerMessage(1301, LogLevel.Error, "A handler of {TrId} threw an exception ({Count} so far); its next record follows")]
    public static partial void HandlerFailed(ILogger logger, string trId, long count, Exception error);
}

/// <summary>The log messages of the approval key file. Event IDs are stable; no message contains a key.</summary>
internal static partial class ApprovalKeyLog
{
    [LoggerMessage(1401, LogLevel.Warning, "Users other than its owner can access {Path}: the approval keys in it are not used, and the file is replaced by one that only its owner can access")]
    public static partial void FileExposed(ILogger logger, string path);

    [LoggerMessage(1402, LogLevel.Warning, "{Path} is damaged: the approval keys in it are not used, and the file is replaced")]
    public static partial void FileDamaged(ILogger logger, string path);

    [LoggerMessage(1403, LogLevel.Warning, "{Path} cannot be written, so approval keys are kept in memory only: {Reason}")]
    public static partial void FileNotWritten(ILogger logger, string path, string reason);
}

/// <summary>Catches the exceptions of a logger: a logger is the consumer's code and is called from inside the session's.</summary>
internal sealed class RedactingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
#pragma warning disable CA1031 // Exceptions of consumer code must not end the session.
        catch
#pragma warning restore CA1031
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
#pragma warning disable CA1031 // As above; a failing logger cannot be logged.
        catch
#pragma warning restore CA1031
        {
        }
    }
}
