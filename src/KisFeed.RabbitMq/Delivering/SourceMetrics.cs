using System.Diagnostics.Metrics;
using KisFeed.Capture.Recording;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// The instruments of a source, with the names that those of a client have, so that the same alerts serve gateways with a broker session
/// and edges.
/// </summary>
internal static class SourceMetrics
{
    public static StatusMeter<SourceRuntime> Create(RabbitMqClusterOptions options, SourceRuntime source)
    {
        var meter = new StatusMeter<SourceRuntime>(options.MeterFactory, () => source);
        meter.Counter("kisfeed.gaps", "{gap}", "Gaps reported to consumers.", Gaps);
        meter.Counter("kisfeed.frame.dropped", "{frame}", "Frames dropped because the queue of a tap was full.", Dropped);
        meter.Counter("kisfeed.frame.malformed", "{frame}", "Messages that are not batches of a publisher.", s => [Of(s.Malformed)]);
        meter.Counter(
            "kisfeed.connection.established", "{connection}", "Connections established.", s => [Of(s.Status().Connections)]);
        meter.UpDownCounter(
            "kisfeed.registration.desired", "{registration}", "Keys that are wanted.", s => [Of<long>(s.Status().Desired)]);
        meter.UpDownCounter(
            "kisfeed.registration.confirmed", "{registration}", "Keys that are registered and being read.",
            s => [Of<long>(s.Status().Confirmed)]);
        meter.UpDownCounter(
            "kisfeed.session.phase", "{session}", "1 for the phase that the session is in, 0 for the others.", Phases);
        meter.UpDownCounter("kisfeed.tap.depth", "{frame}", "Frames that wait in the queues of taps.", s => s.TapDepth);
        meter.Gauge<double>(
            "kisfeed.session.frame_age", "s", "Time since the last batch.",
            s => s.Status().LastReceivedAt is { } at ? [Of((s.Now - at).TotalSeconds)] : []);
        meter.Gauge<double>(
            "kisfeed.source.lag", "s", "Time from the receipt of the last frame by its publisher to its delivery.",
            s => s.Lag is { } lag ? [Of(lag.TotalSeconds)] : []);
        return meter;
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create(name, (object?)value);

    private static Measurement<T> Of<T>(T value)
        where T : struct => new(value, Tag(DiagnosticTags.Session, RabbitMqSource.SessionName));

    private static IEnumerable<Measurement<long>> Gaps(SourceRuntime source) =>
        from feed in source.Totals()
        from reason in Enum.GetValues<GapReason>()
        select new Measurement<long>(
            feed.Totals.Gaps(reason), Tag(DiagnosticTags.Feed, feed.TrId), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason)));

    private static IEnumerable<Measurement<long>> Dropped(SourceRuntime source) =>
        source.Totals().Select(feed => new Measurement<long>(feed.Totals.Dropped, Tag(DiagnosticTags.Feed, feed.TrId)));

    private static IEnumerable<Measurement<long>> Phases(SourceRuntime source)
    {
        var current = source.Status().Phase;
        return Enum.GetValues<SessionPhase>().Select(phase => new Measurement<long>(
            phase == current ? 1 : 0,
            Tag(DiagnosticTags.Session, RabbitMqSource.SessionName),
            Tag(DiagnosticTags.Phase, DiagnosticTags.Name(phase))));
    }
}
