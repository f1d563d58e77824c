using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

// Admission of new keys, and which key gives up its place.
internal sealed partial class UpstreamRegistrations
{
    private const int MaxRefusals = 1_000;

    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan Until)> _refusals = [];

    // Whether a consumer may add a key that is not wanted now: refusals, free places and its own limits.
    private bool TryAdmit(Lease lease, KeyEntry? entry, TimeSpan now)
    {
        if (entry is null && _refusals.TryGetValue(lease.Key, out var refusal) && now < refusal.Until)
        {
            lease.End(refusal.Code);
            return false;
        }

        if (_entries.Values.Count(e => e.IsWanted) >= options.Places)
        {
            lease.End(BrokerCode.TooManySubscriptions);
            return false;
        }

        if (lease.Consumer is not { } consumer)
            return true;
        if (_entries.Values.Count(e => e.IsWanted && e.Holder == consumer) >= LimitOf(consumer))
        {
            lease.Refuse(BrokerCode.TooManySubscriptions, ConsumerLimit.Places);
            return false;
        }

        // A key that upstream has, or is being asked for, does not count as a new registration.
        if (entry is { Phase: KeyPhase.Held or KeyPhase.Adding } or { Phase: KeyPhase.Abandoned, IsCancelled: false } || consumer.NewRegistrations.TryAcquire(now, out _))
        {
            if (consumer.NewRegistrations.TryWarn(now, out var left))
                actions.FewRegistrationsLeft(consumer, left);
            return true;
        }

        lease.Refuse(BrokerCode.SendFailed, ConsumerLimit.NewRegistrations);
        return false;
    }

    private void RememberRefusal(HubKey key, BrokerCode code, TimeSpan now)
    {
        if (code.Meaning is not (BrokerCodeMeaning.InvalidRegistration or BrokerCodeMeaning.WrongHtsId))
            return;
        foreach (var (known, refusal) in _refusals)
        {
            if (refusal.Until <= now)
                _refusals.Remove(known);
        }

        if (_refusals.Count < MaxRefusals)
            _refusals[key] = (code, now + options.RefusalMemory);
    }

    // Every waiting key gets a place, or one that is becoming free: fewer keys are wanted than there are places, so a key in grace exists if one is
    // needed. If the consumer of a waiting key holds all the places that it may, one of its own keys must go.
    private void MakeRoom(TimeSpan now)
    {
        FillPlaces();
        TimeSpan? nextAt = null;
        var leaving = _entries.Values.Where(e => e.IsLeaving).ToList();
        foreach (var waiting in _queue.OrderByDescending(MustReplaceOwn).ToList())
        {
            if (!MustReplaceOwn(waiting) || !TryFree(e => e.Holder == waiting.Holder))
                TryFree(static _ => true);
        }

        if (nextAt is { } at)
            actions.SetTimer(at - now);

        // Finds a place that is becoming free, or releases a key in grace now or as soon as it may go.
        bool TryFree(Func<KeyEntry, bool> mayGo)
        {
            if (leaving.Find(e => mayGo(e)) is { } place)
                return leaving.Remove(place);
            var inGrace = _entries.Values.Where(e => e.Grace > 0 && mayGo(e)).ToList();
            if (inGrace.Where(e => e.MinimumUntil <= now).MinBy(e => e.Grace) is { } oldest)
                ReleaseKey(oldest);
            else if (inGrace.Count > 0)
                nextAt = Earlier(nextAt, inGrace.Min(e => e.MinimumUntil));
            return inGrace.Count > 0;
        }
    }

    private static TimeSpan Earlier(TimeSpan? a, TimeSpan b) => a < b ? a.Value : b;

    // The consumer holds all the places that it may, some of them for keys without subscribers.
    private bool MustReplaceOwn(KeyEntry waiting) =>
        waiting.Holder is { } holder && PlacesOf(holder) >= LimitOf(holder) && _entries.Values.Any(e => e.HasPlace && !e.IsWanted && e.Holder == holder);

    private void FillPlaces()
    {
        var taken = _entries.Values.Count(e => e.HasPlace);
        for (var i = 0; i < _queue.Count && taken < options.Places;)
        {
            var next = _queue[i];
            if (MustReplaceOwn(next))
            {
                i++;
                continue;
            }

            _queue.RemoveAt(i);
            AddUpstream(next);
            taken++;
        }
    }
}
