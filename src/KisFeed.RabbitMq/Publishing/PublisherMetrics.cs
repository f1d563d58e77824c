using KisFeed.Capture;
using KisFeed.Capture.Recording;

namespace KisFeed.RabbitMq.Publishing;

internal static class PublisherMetrics
{
    /// <summary>Creates the instruments of a publisher.</summary>
    public static StatusMeter<FramePublisherStatus> Create(RabbitMqClusterOptions options, Func<FramePublisherStatus> status)
    {
        var meter = new StatusMeter<FramePublisherStatus>(options.MeterFactory, status);
        meter.Counter("kisfeed.publisher.sent", "{item}", "Frames and events sent, for each stream.", static s => s.Sent);
        meter.Counter("kisfeed.publisher.confirmed", "{item}", "Frames and events confirmed, for each stream.", static s => s.Published);
        meter.Counter("kisfeed.publisher.republished", "{batch}", "Batches sent again.", static s => s.Republished);
        meter.Counter("kisfeed.publisher.caught_up", "{item}", "Frames and events read from the capture.", static s => s.CaughtUp);
        meter.Counter("kisfeed.publisher.dropped", "{frame}", "Frames that are missing because the queue was full.", static s => s.Dropped);
        meter.UpDownCounter(
            "kisfeed.publisher.unconfirmed", "{batch}", "Batches that wait for their confirmation.", static s => s.Unconfirmed);
        meter.UpDownCounter(
            "kisfeed.publisher.trouble", "{publisher}", "1 while nothing can be published, else 0.", static s => s.Problem is null ? 0 : 1);
        return meter;
    }
}
