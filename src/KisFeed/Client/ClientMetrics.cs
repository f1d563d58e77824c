using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KisFeed.Session;

namespace KisFeed.Client;

/// <summary>
/// The instruments of one client. All are observable: on collection they read what sessions and subscriptions count anyway, so they cost
/// nothing otherwise, and no consumer code runs inside the session's.
/// </summary>
internal sealed partial class ClientMetrics : IDisposable
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
            ReadFeedCounter(static c => c.Frames));
        Counter("kisfeed.frame.bytes", "By", "Bytes of those frames, as received.", ReadFeedCounter(static c => c.Bytes));
        Counter("kisfeed.frame.malformed", "{frame}", "Messages that could not be read; without a feed if it is unknown.", ReadMalformed);
        Counter(
            "kisfeed.frame.dropped",
            "{frame}",
            "Frames dropped because the queue of a subscription or tap was full.",
            ReadFeedTotal(static t => t.Dropped));
        Counter("kisfeed.record.received", "{record}", "Records in frames that could be read.", ReadFeedCounter(static c => c.Records));
        Counter(
            "kisfeed.record.malformed",
            "{record}",
            "Records that subscriptions could not decode.",
            ReadFeedTotal(static t => t.Undecodable));
        Counter(
            "kisfeed.record.unrouted",
            "{record}",
            "Records received for keys that are not registered.",
            ReadSession(static m => m.Unrouted));
        Counter("kisfeed.gaps", "{gap}", "Gaps reported to consumers.", ReadGaps);
        Counter("kisfeed.handler.errors", "{error}", "Exceptions that callbacks threw.", ReadFeedTotal(static t => t.HandlerErrors));
        Counter("kisfeed.connection.attempts", "{attempt}", "Connection attempts that have ended.", ReadAttempts);
        Counter("kisfeed.connection.established", "{connection}", "Connections established.", ReadSession(static m => m.Connections));
        Counter("kisfeed.connection.losses", "{connection}", "Connections that were lost.", ReadLosses);
        Counter("kisfeed.refusals", "{refusal}", "Registrations and sessions that were refused.", ReadRefusals);
        Counter("kisfeed.heartbeats", "{heartbeat}", "Heartbeats received and answered.", ReadSession(static m => m.Heartbeats));
        Level(
            "kisfeed.registration.desired",
            "{registration}",
            "Registrations that have subscribers.",
            ReadSession(static m => m.DesiredCount));
        Level(
            "kisfeed.registration.confirmed",
            "{registration}",
            "Registrations with subscribers that the server has acknowledged.",
            ReadSession(Confirmed));
        Gauge("kisfeed.registration.new_left", "{registration}", "New registrations that can be requested now.", ReadNewLeft);
        Level("kisfeed.session.phase", "{session}", "1 for the phase that the session is in, 0 for the others.", ReadPhases);
        Level("kisfeed.queue.depth", "{frame}", "Frames that wait in the queues of the subscriptions.", ReadDepths);
        Gauge("kisfeed.queue.depth_max", "{frame}", "Frames that wait in the fullest queue of a subscription.", ReadLargestDepths);
        Level("kisfeed.tap.depth", "{frame}", "Frames that wait in the queues of taps.", ReadTapDepth);
        Gauge("kisfeed.session.frame_age", "s", "Time since the last data frame.", ReadAge(static m => m.LastFrameAt));
        Gauge(
            "kisfeed.session.inbound_age",
            "s",
            "Time since anything arrived, heartbeats included, or since the connection was established.",
            ReadAge(static m => m.Connections == 0 ? null : m.LastInboundAt));
    }

    private void Counter(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Collect(read), unit, description);

    private void Level(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Collect(read), unit, description);

    private void Gauge(string name, string unit, string description, Action<List<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, () => Collect(read), unit, description);

    private void Gauge(string name, string unit, string description, Action<List<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, () => Collect(read), unit, description);

    // A list rather than a lazy enumeration: listeners are called outside the lock.
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

    private Action<List<Measurement<long>>> ReadSession(Func<SessionMachine, long> read) => measurements =>
    {
        foreach (var session in _sessions.Keys)
            measurements.Add(Measure(read(session), Tag(session)));
    };

    private Action<List<Measurement<long>>> ReadFeedCounter(Func<FeedCounters, long> read) => measurements =>
    {
        foreach (var session in _sessions.Keys)
        {
            foreach (var (trId, feed) in session.Feeds)
                measurements.Add(Measure(read(feed.Counters), FeedTag(trId), Tag(session)));
        }
    };

    private Action<List<Measurement<long>>> ReadFeedTotal(Func<FeedTotals, long> read) => measurements =>
    {
        foreach (var (trId, totals) in _feeds)
            measurements.Add(Measure(read(totals), FeedTag(trId)));
    };

    private Action<List<Measurement<double>>> ReadAge(Func<SessionMachine, TimeSpan?> read) => measurements =>
    {
        var now = _options.TimeProvider.GetElapsedTime(0);
        foreach (var session in _sessions.Keys)
        {
            if (read(session) is { } at)
                measurements.Add(Measure((now - at).TotalSeconds, Tag(session)));
        }
    };

    private void ReadMalformed(List<Measurement<long>> measurements)
    {
        foreach (var session in _sessions.Keys)
        {
            var others = session.Malformed;
            foreach (var (trId, feed) in session.Feeds)
            {
                others -= feed.Counters.Malformed;
                measurements.Add(Measure(feed.Counters.Malformed, FeedTag(trId), Tag(session)));
            }

            measurements.Add(Measure(others, Tag(session)));
        }
    }

    private void ReadGaps(List<Measurement<long>> measurements)
    {
        foreach (var (trId, totals) in _feeds)
        {
            foreach (var reason in Enum.GetValues<GapReason>())
                measurements.Add(Measure(totals.Gaps(reason), FeedTag(trId), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason))));
        }
    }

    private void ReadAttempts(List<Measurement<long>> measurements)
    {
        foreach (var (session, connection) in _sessions)
        {
            foreach (var outcome in Enum.GetValues<AttemptOutcome>())
            {
                measurements.Add(
                    Measure(connection.Counts.Attempts(outcome), Tag(session), Tag(DiagnosticTags.Outcome, DiagnosticTags.Name(outcome))));
            }
        }
    }

    private void ReadLosses(List<Measurement<long>> measurements)
    {
        foreach (var (session, connection) in _sessions)
        {
            foreach (var reason in Enum.GetValues<LossReason>())
            {
                measurements.Add(
                    Measure(connection.Counts.Losses(reason), Tag(session), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason))));
            }
        }
    }

    private void ReadRefusals(List<Measurement<long>> measurements)
    {
        foreach (var (session, connection) in _sessions)
        {
            foreach (var (cause, count) in connection.Counts.Refusals)
            {
                List<KeyValuePair<string, object?>> tags = [Tag(session), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(cause.Reason))];
                if (cause.Feed is { } trId)
                    tags.Add(FeedTag(trId));
                if (cause.Code is { } code)
                    tags.Add(Tag(DiagnosticTags.BrokerCode, code));
                measurements.Add(Measure(count, [.. tags]));
            }
        }
    }

    private void ReadNewLeft(List<Measurement<long>> measurements)
    {
        foreach (var (session, connection) in _sessions)
        {
            if (session.NewRegistrations.PerMinute < int.MaxValue)
                measurements.Add(Measure((long)session.NewRegistrationsLeft(connection.Now), Tag(session)));
        }
    }

    private void ReadPhases(List<Measurement<long>> measurements)
    {
        foreach (var session in _sessions.Keys)
        {
            foreach (var phase in Enum.GetValues<SessionPhase>())
            {
                measurements.Add(
                    Measure(session.Phase == phase ? 1L : 0L, Tag(session), Tag(DiagnosticTags.Phase, DiagnosticTags.Name(phase))));
            }
        }
    }

    private void ReadDepths(List<Measurement<long>> measurements)
    {
        foreach (var (trId, depths) in Depths())
            measurements.Add(Measure(depths.Sum(static depth => (long)depth), FeedTag(trId)));
    }

    private void ReadLargestDepths(List<Measurement<long>> measurements)
    {
        foreach (var (trId, depths) in Depths())
            measurements.Add(Measure((long)depths.DefaultIfEmpty().Max(), FeedTag(trId)));
    }

    // As for a feed: 0 rather than no measurement when the last tap is closed.
    private void ReadTapDepth(List<Measurement<long>> measurements)
    {
        if (_sessions.Count > 0)
            measurements.Add(Measure(_taps.Sum(static tap => (long)tap.Depth)));
    }

    // A feed without subscriptions reports a depth of 0 rather than nothing; a chart would otherwise keep the last value.
    private Dictionary<string, List<int>> Depths()
    {
        var depths = _feeds.Keys.ToDictionary(static trId => trId, static _ => new List<int>(), StringComparer.Ordinal);
        foreach (var registration in _sessions.Keys.SelectMany(static session => session.Registrations))
        {
            if (registration.Subscribers is not SubscriberList list)
                continue;
            foreach (var handle in list.Handles)
            {
                if (handle is { IsDetached: false, Receiver: FrameQueue queue })
                    depths[registration.Feed.TrId].Add(queue.Depth);
            }
        }

        return depths;
    }

    private static long Confirmed(SessionMachine session) =>
        session.Registrations.Count(static r => r.IsConfirmed && r.SubscriberCount > 0);
}
