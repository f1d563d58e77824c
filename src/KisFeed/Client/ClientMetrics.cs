using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KisFeed.Session;

namespace KisFeed.Client;

/// <summary>
/// The instruments of one client. All are observable: on collection they read what sessions and subscriptions count anyway, so they cost
/// nothing otherwise, and no consumer code runs inside the session's.
/// </summary>
internal sealed class ClientMetrics : IDisposable
{
    private readonly Lock _gate;
    private readonly Meter _meter;
    private readonly KisFeedOptions _options;

    // Empty once disposed: a factory keeps the meters that it created, and thereby the instruments.
    private IReadOnlyDictionary<SessionMachine, SessionConnection> _sessions;
    private IReadOnlyDictionary<string, FeedTotals> _feeds;
    private IReadOnlyCollection<TapQueue> _taps;

    /// <summary>Creates the instruments, ready to be observed.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="gate">The lock that guards the sessions.</param>
    /// <param name="sessions">The sessions and their connections.</param>
    /// <param name="feeds">The totals of subscriptions, by TR ID.</param>
    /// <param name="taps">The queues of the taps.</param>
    public ClientMetrics(
        KisFeedOptions options, Lock gate, IReadOnlyDictionary<SessionMachine, SessionConnection> sessions,
        ConcurrentDictionary<string, FeedTotals> feeds, IReadOnlyCollection<TapQueue> taps)
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
        Counter(
            "kisfeed.frame.received",
            "{frame}",
            "Data frames of feeds that are registered, malformed ones included.",
            () => OfSessionFeeds(static c => c.Frames));
        Counter("kisfeed.frame.bytes", "By", "Bytes of those frames, as received.", () => OfSessionFeeds(static c => c.Bytes));
        Counter("kisfeed.frame.malformed", "{frame}", "Messages that could not be read; without a feed if it is unknown.", MalformedFrames);
        Counter(
            "kisfeed.frame.dropped",
            "{frame}",
            "Frames dropped because the queue of a subscription or tap was full.",
            () => OfFeeds(static t => t.Dropped));
        Counter(
            "kisfeed.record.received", "{record}", "Records in frames that could be read.", () => OfSessionFeeds(static c => c.Records));
        Counter(
            "kisfeed.record.malformed",
            "{record}",
            "Records that subscriptions could not decode.",
            () => OfFeeds(static t => t.Undecodable));
        Counter(
            "kisfeed.record.unrouted",
            "{record}",
            "Records received for keys that are not registered.",
            () => OfSessions(static m => m.Unrouted));
        Counter("kisfeed.gaps", "{gap}", "Gaps reported to consumers.", Gaps);
        Counter("kisfeed.handler.errors", "{error}", "Exceptions that callbacks threw.", () => OfFeeds(static t => t.HandlerErrors));
        Counter(
            "kisfeed.connection.attempts",
            "{attempt}",
            "Connection attempts that have ended.",
            () => OfSessions<AttemptOutcome>(DiagnosticTags.Outcome, static (_, c, outcome) => c.Counts.Attempts(outcome)));
        Counter(
            "kisfeed.connection.established", "{connection}", "Connections established.", () => OfSessions(static m => m.Connections));
        Counter(
            "kisfeed.connection.losses",
            "{connection}",
            "Connections that were lost.",
            () => OfSessions<LossReason>(DiagnosticTags.Reason, static (_, c, reason) => c.Counts.Losses(reason)));
        Counter("kisfeed.refusals", "{refusal}", "Registrations and sessions that were refused.", Refusals);
        Counter("kisfeed.heartbeats", "{heartbeat}", "Heartbeats received and answered.", () => OfSessions(static m => m.Heartbeats));
        Level(
            "kisfeed.registration.desired",
            "{registration}",
            "Registrations that have subscribers, without evicted ones.",
            () => OfSessions(static m => m.DesiredCount));
        Level(
            "kisfeed.registration.evicted",
            "{registration}",
            "Registrations that wait for a slot, because others have a higher priority.",
            () => OfSessions(static m => m.Registrations.Count(static r => r.IsEvicted)));
        Level(
            "kisfeed.registration.confirmed",
            "{registration}",
            "Registrations with subscribers that the server has acknowledged.",
            () => OfSessions(static m => m.Registrations.Count(static r => r.IsConfirmed && r.SubscriberCount > 0)));
        Gauge("kisfeed.registration.new_left", "{registration}", "New registrations that can be requested now.", NewLeft);
        Level(
            "kisfeed.session.phase",
            "{session}",
            "1 for the phase that the session is in, 0 for the others.",
            () => OfSessions<SessionPhase>(DiagnosticTags.Phase, static (m, _, phase) => m.Phase == phase ? 1 : 0));
        Level(
            "kisfeed.queue.depth",
            "{frame}",
            "Frames that wait in the queues of the subscriptions.",
            () => OfQueues(static depths => depths.Sum()));
        Gauge(
            "kisfeed.queue.depth_max",
            "{frame}",
            "Frames that wait in the fullest queue of a subscription.",
            () => OfQueues(static depths => depths.DefaultIfEmpty().Max()));
        Level("kisfeed.tap.depth", "{frame}", "Frames that wait in the queues of taps.", TapDepth);
        Gauge("kisfeed.session.frame_age", "s", "Time since the last data frame.", () => Ages(static m => m.LastFrameAt));
        Gauge(
            "kisfeed.session.inbound_age",
            "s",
            "Time since anything arrived, heartbeats included, or since the connection was established.",
            () => Ages(static m => m.Connections == 0 ? null : m.LastInboundAt));
    }

    private void Counter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Collect(read), unit, description);

    private void Level(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Collect(read), unit, description);

    private void Gauge<T>(string name, string unit, string description, Func<IEnumerable<Measurement<T>>> read)
        where T : struct =>
        _meter.CreateObservableGauge(name, () => Collect(read), unit, description);

    // A list rather than a lazy enumeration: listeners are called outside the lock.
    private List<Measurement<T>> Collect<T>(Func<IEnumerable<Measurement<T>>> read)
        where T : struct
    {
        lock (_gate)
            return [.. read()];
    }

    private Measurement<T> Measure<T>(T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct =>
        new(value, _options.ClientName is { } client ? [.. tags, Tag(DiagnosticTags.Client, client)] : tags);

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create(name, (object?)value);

    private static KeyValuePair<string, object?> Tag(SessionMachine session) => Tag(DiagnosticTags.Session, session.Settings.Name);

    private static KeyValuePair<string, object?> FeedTag(string trId) => Tag(DiagnosticTags.Feed, trId);

    private IEnumerable<Measurement<long>> OfSessions(Func<SessionMachine, long> read) =>
        _sessions.Keys.Select(session => Measure(read(session), Tag(session)));

    private IEnumerable<Measurement<long>> OfSessions<TEnum>(string tag, Func<SessionMachine, SessionConnection, TEnum, long> read)
        where TEnum : struct, Enum =>
        from session in _sessions
        from value in Enum.GetValues<TEnum>()
        select Measure(read(session.Key, session.Value, value), Tag(session.Key), Tag(tag, DiagnosticTags.Name(value)));

    private IEnumerable<Measurement<long>> OfSessionFeeds(Func<FeedCounters, long> read) =>
        from session in _sessions.Keys
        from feed in session.Feeds
        select Measure(read(feed.Value.Counters), FeedTag(feed.Key), Tag(session));

    private IEnumerable<Measurement<long>> OfFeeds(Func<FeedTotals, long> read) =>
        _feeds.Select(feed => Measure(read(feed.Value), FeedTag(feed.Key)));

    // A feed without subscriptions reports a depth of 0 rather than nothing; a chart would otherwise keep the last value.
    private IEnumerable<Measurement<long>> OfQueues(Func<IEnumerable<long>, long> combine)
    {
        var depths = (
            from session in _sessions.Keys
            from registration in session.Registrations
            from depth in (registration.Subscribers as SubscriberList)?.Depths ?? []
            select (registration.Feed.TrId, depth)).ToLookup(static d => d.TrId, static d => (long)d.depth, StringComparer.Ordinal);
        return _feeds.Keys.Select(trId => Measure(combine(depths[trId]), FeedTag(trId)));
    }

    private IEnumerable<Measurement<double>> Ages(Func<SessionMachine, TimeSpan?> read)
    {
        var now = _options.TimeProvider.GetElapsedTime(0);
        return from session in _sessions.Keys
               let at = read(session)
               where at is not null
               select Measure((now - at.Value).TotalSeconds, Tag(session));
    }

    private IEnumerable<Measurement<long>> MalformedFrames() =>
        OfSessionFeeds(static c => c.Malformed)
            .Concat(OfSessions(static m => m.Malformed - m.Feeds.Sum(static feed => feed.Value.Counters.Malformed)));

    private IEnumerable<Measurement<long>> Gaps() =>
        from feed in _feeds
        from reason in Enum.GetValues<GapReason>()
        select Measure(feed.Value.Gaps(reason), FeedTag(feed.Key), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason)));

    private IEnumerable<Measurement<long>> Refusals() =>
        from session in _sessions
        from refusal in session.Value.Counts.Refusals
        select Measure(refusal.Value, [Tag(session.Key), .. TagsOf(refusal.Key)]);

    private static IEnumerable<KeyValuePair<string, object?>> TagsOf(RefusalCause cause)
    {
        yield return Tag(DiagnosticTags.Reason, DiagnosticTags.Name(cause.Reason));
        if (cause.Feed is { } trId)
            yield return FeedTag(trId);
        if (cause.Code is { } code)
            yield return Tag(DiagnosticTags.BrokerCode, code);
    }

    private IEnumerable<Measurement<long>> NewLeft() =>
        from session in _sessions
        where session.Key.NewRegistrations.PerMinute < int.MaxValue
        select Measure((long)session.Key.NewRegistrationsLeft(session.Value.Now), Tag(session.Key));

    // As for a feed: 0 rather than no measurement when the last tap is closed.
    private IEnumerable<Measurement<long>> TapDepth() =>
        _sessions.Count == 0 ? [] : [Measure(_taps.Sum(static tap => (long)tap.Depth))];
}
