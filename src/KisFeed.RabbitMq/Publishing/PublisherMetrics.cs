using System.Diagnostics.Metrics;
using KisFeed.Capture;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>The instruments of a publisher, which read its status when metrics are collected.</summary>
internal sealed class PublisherMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<FramePublisherStatus> _status;
    private volatile bool _isOver;

    public PublisherMetrics(RabbitMqClusterOptions options, Func<FramePublisherStatus> status)
    {
        _status = status;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = options.MeterFactory?.Create(meter) ?? new Meter(meter);
        _meter.CreateObservableCounter(
            "kisfeed.publisher.sent", () => Read(static s => s.Sent), "{item}", "Frames and events sent, for each stream.");
        _meter.CreateObservableCounter(
            "kisfeed.publisher.confirmed", () => Read(static s => s.Published), "{item}", "Frames and events confirmed, for each stream.");
        _meter.CreateObservableCounter(
            "kisfeed.publisher.republished", () => Read(static s => s.Republished), "{batch}", "Batches sent again.");
        _meter.CreateObservableCounter(
            "kisfeed.publisher.caught_up", () => Read(static s => s.CaughtUp), "{item}", "Frames and events read from the capture.");
        _meter.CreateObservableCounter(
            "kisfeed.publisher.dropped",
            () => Read(static s => s.Dropped),
            "{frame}",
            "Frames that are missing because the queue was full.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.publisher.unconfirmed", () => Read(static s => s.Unconfirmed), "{batch}", "Batches that wait for their confirmation.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.publisher.trouble",
            () => Read(static s => s.Problem is null ? 0 : 1),
            "{publisher}",
            "1 while nothing can be published, else 0.");
    }

    // A meter factory keeps its meters, and with them the instruments, so they must report nothing after disposal.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Read(Func<FramePublisherStatus, long> read) =>
        _isOver ? [] : [new Measurement<long>(read(_status()))];
}
