using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KisFeed.Session;

namespace KisFeed;

/// <summary>
/// The instruments of one client. Every one is observed: it reads, when somebody collects, what sessions and subscriptions count anyway, so that
/// nobody pays for them otherwise, and none of a consumer's code runs in the midst of a session's.
/// </summary>
internal sealed partial class ClientMetrics : IDisposable
{
    private readonly Lock _gate;
    private readonly Meter _meter;
    private readonly KisFeedOptions _options;

    // Empty once disposed: a factory keeps the meters that it has made, and with them the instruments.
    private IReadOnlyDictionary<SessionMachine, SessionConnection> _sessions;
    private IReadOnlyDictionary<string, FeedTotals> _feeds;
    private IReadOnlyCollection<TapQueue> _taps;

    /// <summary>Instruments that can be observed from now on.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="gate">The lock under which the sessions are changed.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="feeds">What subscriptions have met, by TR ID.</param>
    /// <param name="taps">The queues of the taps.</param>
    public ClientMetrics(KisFeedOptions options, Lock gate, IReadOnlyDictionary<SessionMachine, SessionConnection> sessions, ConcurrentDictionary<string, FeedTotals> feeds, IReadOnlyCollection<TapQueue> taps)
    {
        _options = options;
        _gate = gate;
        _sessions = sessions;
        _feeds = feeds;
        _taps = taps;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = options.MeterFactory?.Create(meter) ?? new Meter(meter);
        CreateInstruments();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _sessions = new Dictionary<SessionMachine, SessionConnection>();
            _feeds = new Dictionary<string, FeedTotals>(StringComparer.Ordinal);
            _taps = [];
        }

        _meter.Dispose();
    }

    private void CreateInstruments()
    {
        Counter("kisfeed.frame.received", "{frame}", "Data frames of feeds that are registered, malformed ones included.", ReadFeedCounter(static c => c.Frames));
        Counter("kisfeed.frame.bytes", "By", "Bytes of those frames, as received.", ReadFeedCounter(static c => c.Bytes));
        Counter("kisfeed.frame.malformed", "{frame}", "Messages that could not be read; without a feed where none can be told.", ReadMalformed);
        Counter("kisfeed.frame.dropped", "{frame}", "Frames dropped because the queue of a subscription or tap was full.", ReadFeedTotal(static t => t.Dropped));
        Counter("kisfeed.record.received", "{record}", "Records in frames that could be read.", ReadFeedCounter(static c => c.Records));
        Counter("kisfeed.record.malformed", "{record}", "Records that subscriptions could not decode.", ReadFeedTotal(static t => t.Undecodable));
        Counter("kisfeed.record.unrouted", "{record}", "Records received for keys that nobody has registered.", ReadSession(static m => m.Unrouted));
        Counter("kisfeed.gaps", "{gap}", "Gaps that consumers were told of.", ReadGaps);
        Counter("kisfeed.handler.errors", "{error}", "Exceptions that callbacks threw.", ReadFeedTotal(static t => t.HandlerErrors));
        Counter("kisfeed.connection.attempts", "{attempt}", "Attempts to connect that have ended.", ReadAttempts);
        Counter("kisfeed.connection.established", "{connection}", "Connections that stood.", ReadSession(static m => m.Connections));
        Counter("kisfeed.connection.losses", "{connection}", "Connections that were lost.", ReadLosses);
        Counter("kisfeed.refusals", "{refusal}", "Registrations and sessions that were refused.", ReadRefusals);
        Counter("kisfeed.heartbeats", "{heartbeat}", "Heartbeats received and answered.", ReadSession(static m => m.Heartbeats));
        Level("kisfeed.registration.desired", "{registration}", "Registrations that are wanted.", ReadSession(static m => m.RecordFilter));
        Level("kisfeed.registration.confirmed", "{registration}", "RecordFilter registrations that the server has acknowledged.", ReadSession(Confirmed));
        Gauge("kisfeed.registration.new_left", "{registration}", "New registrations that may be asked for just now.", ReadNewLeft);
        Level("kisfeed.session.phase", "{session}", "1 for the phase that the session is in, 0 for the others.", ReadPhases);
        Level("kisfeed.queue.depth", "{frame}", "Frames that wait in the queues of the subscriptions.", ReadDepths);
        Gauge("kisfeed.queue.depth_max", "{frame}", "Frames that wait in the fullest queue of a subscription.", ReadLargestDepths);
        Level("kisfeed.tap.depth", "{frame}", "Frames that wait in the queues of taps.", ReadTapDepth);
        Gauge("kisfeed.session.frame_age", "s", "Time since the last data frame.", ReadAge(static m => m.LastFrameAt));
        Gauge("kisfeed.session.inbound_age", "s", "Time since anything arrived, heartbeats included, or since the connection was made.", ReadAge(static m => m.Connections == 0 ? null : m.LastInboundAt));
    }

    private void Counter(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Collect(read), unit, description);

    private void Level(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Collect(read), unit, description);

    private void Gauge(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, () => Collect(read), unit, description);

    private void Gauge(string name, string unit, string description, Action<List<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, () => Collect(read), unit, description);

    // A list, not an enumeration: whoever listens is called without the lock.
    private List<Measurement<T>> Collect<T>(Action<List<Measurement<T>>> read)
        where T : struct
    {
        var measurements = new List<Measurement<T>>();
        lock (_gate)
            read(measurements);
        return measurements;
    }

    private Measurement<T> Measure<T>(T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct =>
        new(value, _options.ClientName is { } client ? [.. tags, Tag(DiagnosticTags.Client, client)] : tags);

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create(name, (object?)value);

    private static KeyValuePair<string, object?> Tag(SessionMachine session) => Tag(DiagnosticTags.Session, session.Settings.Name);

    private static KeyValuePair<string, object?> FeedTag(string trId) => Tag(DiagnosticTags.Feed, trId);
}
