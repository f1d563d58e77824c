using System.Diagnostics.Metrics;
using KisFeed.Capture;
using KisFeed.Capture.Recording;

namespace KisFeed.PostgreSql.Storing;

internal static class SinkMetrics
{
    /// <summary>Creates the instruments of a sink.</summary>
    public static StatusMeter<RecordingSinkStatus> Create(IMeterFactory? factory, Func<RecordingSinkStatus> status)
    {
        var meter = new StatusMeter<RecordingSinkStatus>(factory, status);
        meter.Counter("kisfeed.sink.records", "{record}", "Records stored.", static s => s.Records);
        meter.Counter(
            "kisfeed.sink.malformed", "{item}", "Frames, records and parts of files that cannot be read.", static s => s.Malformed);
        meter.Counter("kisfeed.sink.duplicates", "{row}", "Rows that the database had already.", static s => s.Duplicates);
        meter.Counter("kisfeed.sink.transactions", "{transaction}", "Committed transactions.", static s => s.Transactions);
        meter.Counter("kisfeed.sink.failures", "{failure}", "Failed attempts to store.", static s => s.Failures);
        meter.UpDownCounter(
            "kisfeed.sink.trouble", "{sink}", "1 while something cannot be stored, else 0.", static s => s.Problem is null ? 0 : 1);
        meter.UpDownCounter(
            "kisfeed.sink.lag.bytes", "By", "Bytes of the capture that are not stored yet, compressed.", static s => s.LagBytes);
        meter.Gauge("kisfeed.sink.lag.time", "s", "Age of the last record stored while there is data that is not.", static s => s.Feeds
            .Select(feed => new Measurement<double>(
                feed.Lag.TotalSeconds, new KeyValuePair<string, object?>(DiagnosticTags.Feed, feed.TrId))));
        return meter;
    }
}
