using System.Diagnostics.Metrics;
using KisFeed.Capture;

namespace KisFeed.PostgreSql.Storing;

/// <summary>The instruments of a sink, which read its status when metrics are collected.</summary>
internal sealed class SinkMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<RecordingSinkStatus> _status;
    private volatile bool _isOver;

    public SinkMetrics(PostgreSqlSinkOptions options, Func<RecordingSinkStatus> status)
    {
        _status = status;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = options.MeterFactory?.Create(meter) ?? new Meter(meter);
        _meter.CreateObservableCounter("kisfeed.sink.records", () => Read(static s => s.Records), "{record}", "Records stored.");
        _meter.CreateObservableCounter(
            "kisfeed.sink.malformed",
            () => Read(static s => s.Malformed),
            "{item}",
            "Frames, records and parts of files that cannot be read.");
        _meter.CreateObservableCounter(
            "kisfeed.sink.duplicates", () => Read(static s => s.Duplicates), "{row}", "Rows that the database had already.");
        _meter.CreateObservableCounter(
            "kisfeed.sink.transactions", () => Read(static s => s.Transactions), "{transaction}", "Committed transactions.");
        _meter.CreateObservableCounter(
            "kisfeed.sink.failures", () => Read(static s => s.Failures), "{failure}", "Failed attempts to store.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.sink.trouble",
            () => Read(static s => s.Problem is null ? 0 : 1),
            "{sink}",
            "1 while something cannot be stored, else 0.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.sink.lag.bytes",
            () => Read(static s => s.LagBytes),
            "By",
            "Bytes of the capture that are not stored yet, compressed.");
        _meter.CreateObservableGauge(
            "kisfeed.sink.lag.time", ReadLag, "s", "Age of the last record stored while there is data that is not.");
    }

    // A meter factory keeps its meters, and with them the instruments, so they must report nothing after disposal.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Read(Func<RecordingSinkStatus, long> read) =>
        _isOver ? [] : [new Measurement<long>(read(_status()))];

    private IEnumerable<Measurement<double>> ReadLag() =>
        _isOver
            ? []
            : _status().Feeds.Select(
                feed => new Measurement<double>(feed.Lag.TotalSeconds, new KeyValuePair<string, object?>(DiagnosticTags.Feed, feed.TrId)));
}
