using System.Diagnostics.Metrics;
using KisFeed.Session;

namespace KisFeed;

// What the instruments read. All of it under the lock.
internal sealed partial class ClientMetrics
{
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
        foreach (var (session, link) in _sessions)
        {
            foreach (var outcome in Enum.GetValues<AttemptOutcome>())
                measurements.Add(Measure(link.Counts.Attempts(outcome), Tag(session), Tag(DiagnosticTags.Outcome, DiagnosticTags.Name(outcome))));
        }
    }

    private void ReadLosses(List<Measurement<long>> measurements)
    {
        foreach (var (session, link) in _sessions)
        {
            foreach (var reason in Enum.GetValues<LossReason>())
                measurements.Add(Measure(link.Counts.Losses(reason), Tag(session), Tag(DiagnosticTags.Reason, DiagnosticTags.Name(reason))));
        }
    }

    private void ReadRefusals(List<Measurement<long>> measurements)
    {
        foreach (var (session, link) in _sessions)
        {
            foreach (var (cause, count) in link.Counts.Refusals)
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
        foreach (var (session, link) in _sessions)
        {
            if (session.NewRegistrations.PerMinute < int.MaxValue)
                measurements.Add(Measure((long)session.NewRegistrationsLeft(link.Now), Tag(session)));
        }
    }

    private void ReadPhases(List<Measurement<long>> measurements)
    {
        foreach (var session in _sessions.Keys)
        {
            foreach (var phase in Enum.GetValues<SessionPhase>())
                measurements.Add(Measure(session.Phase == phase ? 1L : 0L, Tag(session), Tag(DiagnosticTags.Phase, DiagnosticTags.Name(phase))));
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

    // Like a feed's, 0 rather than none when the last tap is closed.
    private void ReadTapDepth(List<Measurement<long>> measurements)
    {
        if (_sessions.Count > 0)
            measurements.Add(Measure(_taps.Sum(static tap => (long)tap.Depth)));
    }

    // A feed that nobody subscribes to any more has a depth of 0 rather than none: whoever plots it would keep the last one.
    private Dictionary<string, List<int>> Depths()
    {
        var depths = _feeds.Keys.ToDictionary(static trId => trId, static _ => new List<int>(), StringComparer.Ordinal);
        foreach (var registration in _sessions.Keys.SelectMany(static session => session.Registrations))
        {
            if (registration.Subscribers is not SubscriberList list)
                continue;
            foreach (var handle in list.Attachments)
            {
                if (handle is { IsDetached: false, Receiver: FrameQueue queue })
                    depths[registration.Feed.TrId].Add(queue.Depth);
            }
        }

        return depths;
    }

    private static long Confirmed(SessionMachine session) => session.Registrations.Count(static r => r.IsConfirmed && r.Demand > 0);
}
