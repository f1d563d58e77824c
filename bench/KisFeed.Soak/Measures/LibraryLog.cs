using KisFeed.Soak.Checks;
using Microsoft.Extensions.Logging;

namespace KisFeed.Soak.Measures;

/// <summary>Checks the client's log: errors are findings, except those of the throwing handler.</summary>
internal sealed class LibraryLog(Findings findings) : ILoggerFactory, ILogger
{
    // The library's message for an exception of a handler.
    private const int HandlerFailed = 1301;

    private long _warnings;

    public long Warnings => Interlocked.Read(ref _warnings);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error && eventId.Id != HandlerFailed)
            findings.Add($"the client logged: {formatter(state, exception)} {exception?.GetType().Name}");
        else if (logLevel >= LogLevel.Warning)
            Interlocked.Increment(ref _warnings);
    }
}
