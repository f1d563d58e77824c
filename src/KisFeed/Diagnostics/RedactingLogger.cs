using Microsoft.Extensions.Logging;

namespace KisFeed.Diagnostics;

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

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
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
