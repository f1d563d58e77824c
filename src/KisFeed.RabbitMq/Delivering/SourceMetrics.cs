using System.Diagnostics.Metrics;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// The instruments of a source, with the names that those of a client have, so that the same alerts serve gateways with a broker session
/// and edges. They read the status when metrics are collected.
/// </summary>
internal sealed class SourceMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly SourceRuntime _source;
    private volatile bool _isOver;

    public SourceMetrics(RabbitMqClusterOptions options, SourceRuntime source)
    {
        _time = options.TimeProvider;
        _source = source;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = options.MeterFactory?.Create(meter) ?? new Meter(meter);
        _meter.CreateObservableCounter("kisfeed.gaps", () => Read(ReadGaps), "{gap}", "Gaps reported to consumers.");
        _meter.CreateObservableCounter(
            "kisfeed.frame.dropped", () => Read(ReadDropped), "{frame}", "Frames dropped because the queue of a tap was full.");
        _meter.CreateObservableCounter(
            "kisfeed.frame.malformed", () => ReadOne(() => source.Malformed), "{frame}", "Messages that are not batches of a publisher.");
        _meter.CreateObservableCounter(
            "kisfeed.connection.established", () => ReadOne(() => source.Status().Connections), "{connection}", "Connections established.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.registration.desired", () => ReadOne(() => source.Status().Desired), "{registration}", "Keys that are wanted.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.registration.confirmed",
            () => ReadOne(() => source.Status().Confirmed),
            "{registration}",
            "Keys that are registered and being read.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.session.phase", () => Read(ReadPhases), "{session}", "1 for the phase that the session is in, 0 for the others.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.tap.depth",
            () => Read<long>(() => [new Measurement<long>(source.TapDepth)]),
            "{frame}",
            "Frames that wait in the queues of taps.");
        _meter.CreateObservableGauge("kisfeed.session.frame_age", () => Read(ReadAge), "s", "Time since the last batch.");
        _meter.CreateObservableGauge(
            "kisfeed.source.lag", () => Read(ReadLag), "s", "Time from the receipt of the last frame by its publisher to its delivery.");
    }

    // A meter factory keeps its meters, and with them the instruments, so they must report nothing after disposal.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create(name, (object?)value);

    private static Measurement<T> Measure<T>(T value)
        where T : struct => new(value, Tag(DiagnosticTags.Session, RabbitMqSource.SessionName));

    private IEnumerable<Measurement<T>> Read<T>(Func<IEnumerable<Measurement<T>>> read)
        where T : struct => _isOver ? [] : read();

    private IEnumerable<Measurement<long>> ReadOne(Func<long> read) => Read<long>(() => [Measure(read())]);

    private IEnumerable<Measurement<long>> ReadGaps() =>
        from feed in _source.Totals()
        from reason in Enum.GetValues<GapReason>()
        select new Measurement<long>(
            feed.Totals.Gaps(reason), Tag(DiagnosticTags.Feed, feed.TrId), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason)));

    private IEnumerable<Measurement<long>> ReadDropped() =>
        _source.Totals().Select(feed => new Measurement<long>(feed.Totals.Dropped, Tag(DiagnosticTags.Feed, feed.TrId)));

    private IEnumerable<Measurement<long>> ReadPhases()
    {
        var current = _source.Status().Phase;
        return Enum.GetValues<SessionPhase>().Select(phase => new Measurement<long>(
            phase == current ? 1 : 0,
            Tag(DiagnosticTags.Session, RabbitMqSource.SessionName),
            Tag(DiagnosticTags.Phase, DiagnosticTags.Name(phase))));
    }

    private IEnumerable<Measurement<double>> ReadAge() =>
        _source.Status().LastReceivedAt is { } at ? [Measure((_time.GetUtcNow() - at).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> ReadLag() => _source.Lag is { } lag ? [Measure(lag.TotalSeconds)] : [];
}
