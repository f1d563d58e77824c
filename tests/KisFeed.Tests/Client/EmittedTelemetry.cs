using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

/// <summary>
/// All log messages (with their members, scopes and exceptions), measurements and activities that the process
/// emits, and texts that a test adds.
/// </summary>
internal sealed class EmittedTelemetry : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _texts = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public EmittedTelemetry()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            Add("instrument", $"{instrument.Meter.Name} {instrument.Name} {instrument.Description} {Text(instrument.Tags)} "
                + $"{Text(instrument.Meter.Tags)}");
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>(OnMeasurement);
        _meters.SetMeasurementEventCallback<int>(OnMeasurement);
        _meters.SetMeasurementEventCallback<double>(OnMeasurement);
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Add(
                "activity",
                $"{activity.Source.Name} {activity.DisplayName} {activity.StatusDescription} {Text(activity.TagObjects)} "
                    + $"{string.Join(' ', activity.Baggage)} "
                + string.Join(' ', activity.Events.Select(e => $"{e.Name} {Text(e.Tags)}"))),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public IReadOnlyCollection<string> Texts => _texts;

    /// <summary>Reads the observable instruments.</summary>
    public void Measure() => _meters.RecordObservableInstruments();

    public void Add(string kind, object? text) => _texts.Enqueue($"{kind}: {text}");

    /// <summary>The number of texts of a kind that contain the given text.</summary>
    public int Count(string kind, string text = "") =>
        _texts.Count(t => t.StartsWith($"{kind}: ", StringComparison.Ordinal) && t.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Add("scope", $"{state} {Members(state)}");
        return null;
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add("log", $"{logLevel} {eventId.Id} {eventId.Name} {formatter(state, exception)} {Members(state)} {exception}");

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private void OnMeasurement<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        Add("measurement", $"{instrument.Name} {value} {Text(tags.ToArray())}");

    private static string Members<TState>(TState state) => state is IEnumerable<KeyValuePair<string, object?>> members ? Text(members) : "";

    private static string Text(IEnumerable<KeyValuePair<string, object?>>? tags) =>
        tags is null ? "" : string.Join(' ', tags.Select(t => $"{t.Key}={t.Value}"));
}
