using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KisFeed.Testing;

/// <summary>Records log messages of every level, and lets a test wait for an event.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();
    private readonly ConcurrentQueue<(int Id, string Text)> _messages = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _events = new(StringComparer.Ordinal);

    public IReadOnlyCollection<(LogLevel Level, string Text)> Entries => _entries;

    /// <summary>The messages with their event IDs, without exceptions.</summary>
    public IReadOnlyCollection<(int Id, string Text)> Messages => _messages;

    /// <summary>Completes when a message with this event name, the name of the method that logs it, has been logged.</summary>
    public Task EventAsync(string name) => EventOf(name).Task.WaitAsync(Patience.Limit);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _entries.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
        _messages.Enqueue((eventId.Id, formatter(state, exception)));
        EventOf(eventId.Name ?? "").TrySetResult();
    }

    public void Dispose()
    {
        // Entries stay readable.
    }

    private TaskCompletionSource EventOf(string name) => _events.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
