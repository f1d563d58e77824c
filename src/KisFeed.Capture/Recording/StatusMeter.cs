using System.Diagnostics.Metrics;

namespace KisFeed.Capture.Recording;

/// <summary>A meter whose instruments read a status when metrics are collected.</summary>
/// <param name="factory">Creates the meter; <see langword="null"/> for a meter of its own.</param>
/// <param name="status">Returns the status.</param>
internal sealed class StatusMeter<TStatus>(IMeterFactory? factory, Func<TStatus> status) : IDisposable
{
    private readonly Meter _meter = Create(factory, new(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version });
    private volatile bool _isOver;

    public void Counter(string name, string unit, string description, Func<TStatus, long> read) =>
        _meter.CreateObservableCounter(name, () => Read(read), unit, description);

    public void Counter(string name, string unit, string description, Func<TStatus, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Read(read), unit, description);

    public void UpDownCounter(string name, string unit, string description, Func<TStatus, long> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Read(read), unit, description);

    public void UpDownCounter(string name, string unit, string description, Func<TStatus, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Read(read), unit, description);

    public void Gauge<T>(string name, string unit, string description, Func<TStatus, IEnumerable<Measurement<T>>> read)
        where T : struct => _meter.CreateObservableGauge(name, () => Read(read), unit, description);

    // A meter factory keeps its meters, and with them the instruments, so they must report nothing after disposal.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private static Meter Create(IMeterFactory? factory, MeterOptions options) => factory?.Create(options) ?? new Meter(options);

    private IEnumerable<Measurement<long>> Read(Func<TStatus, long> read) =>
        Read<long>(current => [new Measurement<long>(read(current))]);

    private IEnumerable<Measurement<T>> Read<T>(Func<TStatus, IEnumerable<Measurement<T>>> read)
        where T : struct => _isOver ? [] : read(status());
}
