using KisFeed.Capture;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Writes log messages to standard error, one per line: with the time of day on a terminal, otherwise with date and time, or as JSON.
/// </summary>
internal sealed class HostLog(CommandHost host, LogLevel lowest, LogFormat format = LogFormat.Text, string category = "KisFeed")
    : ILoggerFactory, ILogger
{
    private static readonly string s_retention = typeof(CaptureRetention).FullName!;

    private readonly Lock _gate = new();

    /// <summary>The same log with warnings and errors only.</summary>
    public HostLog WarningsOnly() => new(host, lowest > LogLevel.Warning ? lowest : LogLevel.Warning, format, category);

    // Messages of the web server are logged only at level Debug.
    // Deletions are always logged, so that users see the effect of the limits they set.
    public ILogger CreateLogger(string categoryName) =>
        categoryName == s_retention && lowest > LogLevel.Information ? new HostLog(host, LogLevel.Information, format, categoryName)
        : categoryName.StartsWith(nameof(KisFeed), StringComparison.Ordinal) || lowest <= LogLevel.Debug
            ? (format == LogFormat.Text ? this : new HostLog(host, lowest, format, categoryName))
        : NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && lowest != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // The rest is not generic, so that the native command has it once rather than for each message.
        if (IsEnabled(logLevel))
            Write(logLevel, eventId, state as IReadOnlyList<KeyValuePair<string, object?>>, formatter(state, exception), exception);
    }

    public void Dispose()
    {
    }

    private void Write(
        LogLevel logLevel, EventId eventId, IReadOnlyList<KeyValuePair<string, object?>>? values, string message, Exception? exception)
    {
        message = PrintableText.Clean(message);
        if (format == LogFormat.Json)
        {
            host.WriteMessage(LogJson.LineOf(host.Time.GetLocalNow(), logLevel, category, eventId, values, message, exception));
            return;
        }

        var time = host.Time.GetLocalNow()
            .ToString(host.ErrorIsTerminal ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var severity = logLevel < LogLevel.Warning ? "" : $"{logLevel.ToString().ToLowerInvariant()}: ";
        var line = $"{time} {severity}{message}";
        lock (_gate)
        {
            host.WriteMessage(line);
            if (exception is not null)
                host.WriteMessage(exception.ToString());
        }
    }
}

internal enum LogFormat
{
    Text,
    Json,
}
