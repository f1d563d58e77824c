using KisFeed.Wire;

namespace KisFeed.Gateway;

// Who may have a place, and which key gives its place up.
internal sealed partial class UpstreamRegistrations
{
    private const int MostRefusals = 1_000;

    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan Until)> _refusals = [];

    // A key that nobody wants at present: whether this consumer may have it, by what there is and by its own limits.
    private bool TryAdmit(Lease lease, KeyEntry? entry, TimeSpan now)
    {
        if (entry is null && _refusals.TryGetValue(lease.Key, out var refusal) && now < refusal.Until)
        {
            lease.End(refusal.Code);
            return false;
        }

        if (_entries.Values.Count(e => e.IsWanted) >= rules.Places)
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

        // What upstream has, or is asked for already, costs nothing.
        if (entry is { Phase: KeyPhase.Held or KeyPhase.Adding } or { Phase: KeyPhase.Dropping, IsCancelled: false } || consumer.NewRegistrations.TryTake(now, out _))
        {
            if (consumer.NewRegistrations.TryWarn(now, out var left))
                actions.FewRegistrationsLeft(consumer, left);
            return true;
        }

        lease.Refuse(BrokerCode.SendFailed, ConsumerLimit.NewRegistrations);
        return false;
    }

    private void Remember(HubKey key, BrokerCode code, TimeSpan now)
    {
        if (code.Meaning is not (BrokerCodeMeaning.InvalidRegistration or BrokerCodeMeaning.WrongHtsId))
            return;
        foreach (var (known, refusal) in _refusals)
        {
            if (refusal.Until <= now)
                _refusals.Remove(known);
        }

        if (_refusals.Count < MostRefusals)
            _refusals[key] = (code, now + rules.RefusalMemory);
    }

    // Who waits for a place finds one, or one that becomes free: fewer keys are wanted than there are places, so there is one in grace where it is needed. One whose consumer holds all that it may waits for a key of its own.
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

        // A place that is becoming free, or a key in grace that goes now, or as soon as it may.
        bool TryFree(Func<KeyEntry, bool> mayGo)
        {
            if (leaving.Find(e => mayGo(e)) is { } place)
                return leaving.Remove(place);
            var inGrace = _entries.Values.Where(e => e.Grace > 0 && mayGo(e)).ToList();
            if (inGrace.Where(e => e.FirmUntil <= now).MinBy(e => e.Grace) is { } oldest)
                LetGo(oldest);
            else if (inGrace.Count > 0)
                nextAt = Earlier(nextAt, inGrace.Min(e => e.FirmUntil));
            return inGrace.Count > 0;
        }
    }

    private static TimeSpan Earlier(TimeSpan? a, TimeSpan b) => a < b ? a.Value : b;

    // The consumer holds all that it may, some of it for nobody.
    private bool MustReplaceOwn(KeyEntry waiting) =>
        waiting.Holder is { } holder && PlacesOf(holder) >= LimitOf(holder) && _entries.Values.Any(e => e.HasPlace && !e.IsWanted && e.Holder == holder);

    private void FillPlaces()
    {
        var taken = _entries.Values.Count(e => e.HasPlace);
        for (var i = 0; i < _queue.Count && taken < rules.Places;)
        {
            var next = _queue[i];
            if (MustReplaceOwn(next))
            {
                i++;
                continue;
            }

            _queue.RemoveAt(i);
            Add(next);
            taken++;
        }
    }
}
