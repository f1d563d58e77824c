using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace KisFeed.TestSupport;

/// <summary>Records log messages of every level, and lets a test wait for one.</summary>
/// <param name="options">What else is done with the messages.</param>
internal sealed class RecordingLoggerFactory(FakeLogCollectorOptions? options = null) : ILoggerFactory
{
    private readonly FakeLogCollector _collector = new(Options.Create(options ?? new FakeLogCollectorOptions()));

    /// <summary>The messages with their exceptions.</summary>
    public IReadOnlyList<(LogLevel Level, string Text)> Entries =>
        [.. Records.Select(record => (record.Level, $"{record.Message} {record.Exception}"))];

    /// <summary>The messages with their event IDs, without exceptions.</summary>
    public IReadOnlyList<(int Id, string Text)> Messages => [.. Records.Select(record => (record.Id.Id, record.Message))];

    /// <summary>The messages with levels, event IDs and exceptions.</summary>
    public IReadOnlyList<string> Lines => [.. Records.Select(LineOf)];

    private IReadOnlyList<FakeLogRecord> Records => _collector.GetSnapshot();

    /// <summary>Completes when a message with this event name, the name of the method that logs it, has been logged.</summary>
    public Task EventAsync(string name) =>
        Patience.UntilAsync(() => Records.Any(record => record.Id.Name == name), $"the event {name} is logged");

    /// <summary>Waits for the first message with an event ID.</summary>
    public async Task<string> LineAsync(int id)
    {
        await Patience.UntilAsync(() => Records.Any(record => record.Id.Id == id), $"the event {id} is logged");
        return LineOf(Records.First(record => record.Id.Id == id));
    }

    public ILogger CreateLogger(string categoryName) => new FakeLogger(_collector, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Messages stay readable.
    }

    private static string LineOf(FakeLogRecord record) => $"{record.Level} {record.Id.Id} {record.Message} {record.Exception}";
}
