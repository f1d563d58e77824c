using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

/// <summary>Keeps every log message with its exception.</summary>
internal sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Messages { get; } = new();

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Messages.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
