using System.Collections.Concurrent;
using KisFeed.Testing;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>Records every log message with its exception, and signals each one.</summary>
internal sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _awaited = new();
    private readonly ConcurrentQueue<string> _messages = new();

    /// <summary>A copy of the messages so far, because the client may continue to log while a test reads.</summary>
    public IReadOnlyList<string> Messages => _messages.ToArray();

    /// <summary>Waits for the first message with an event ID.</summary>
    public Task<string> MessageAsync(int eventId) => SignalOf(eventId).Task.WaitAsync(Patience.Limit);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = $"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}";
        _messages.Enqueue(message);
        SignalOf(eventId.Id).TrySetResult(message);
    }

    public void Dispose()
    {
    }

    private TaskCompletionSource<string> SignalOf(int eventId) =>
        _awaited.GetOrAdd(eventId, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}
