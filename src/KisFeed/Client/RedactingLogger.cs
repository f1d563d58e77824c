using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>A logger whose exceptions end here: it is the consumer's code, and it is called in the midst of the session's.</summary>
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
#pragma warning disable CA1031 // Whatever a consumer's code throws must not end the session.
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
#pragma warning disable CA1031 // As above; there is nowhere to tell of a log that fails.
        catch
#pragma warning restore CA1031
        {
        }
    }
}
