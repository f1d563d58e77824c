using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// The keys that are registered upstream, and their claims. A key stays registered while it has claims, and for a grace period
/// after that. A state machine: events go in as calls, actions come out through <see cref="IUpstreamActions"/>. Does no I/O,
/// reads no clock, and is not thread-safe.
/// </summary>
/// <param name="options">The limits and delays.</param>
/// <param name="actions">Executes its actions.</param>
/// <remarks>
/// <para>A key in grace gives up its slot to a new key, so there is room as long as fewer keys are wanted than there are slots. The new
/// key waits until upstream has released the other key, because upstream would refuse it before that.</para>
/// <para>Conduct: a key stays registered for a minimum time even if its slot is needed, each consumer has a budget of new registrations,
/// and a key that upstream has refused permanently is not requested again for a while. Fairness: a consumer that holds all the slots that
/// it may have gives up its own keys in grace first.</para>
/// </remarks>
internal sealed class UpstreamRegistrations(UpstreamRegistrationOptions options, IUpstreamActions actions)
{
    private readonly Dictionary<HubKey, KeyEntry> _entries = [];
    private readonly List<KeyEntry> _queue = [];
    private readonly HashSet<HubConsumer> _present = [];
    private long _lastGrace;
    private bool _isDown;
    private const int MaxRefusals = 1_000;

    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan Until)> _refusals = [];

    /// <summary>The keys that are wanted, in grace, or being removed.</summary>
    public IReadOnlyCollection<KeyEntry> Entries => _entries.Values;

    public bool IsHeld(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Held;

    public bool IsAdding(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Adding;

    /// <summary>Whether upstream has a key that has no claim, or is being asked to release it.</summary>
    public bool IsReleasing(HubKey key) => _entries.TryGetValue(key, out var entry) && !entry.IsWanted;

    /// <summary>Slots that a consumer holds, including those of its keys in grace.</summary>
    public int SlotsOf(HubConsumer consumer) => _entries.Values.Count(e => e.HasSlot && e.Holder == consumer);

    public int LimitOf(HubConsumer consumer) =>
        consumer.MaxSlots ?? (_present.Any(other => other != consumer) ? options.FairShare : options.Slots);

    /// <summary>Adds a connection of a consumer, whether or not it wants a key.</summary>
    public void Join(HubConsumer consumer, TimeSpan now)
    {
        if (++consumer.Connections > 1)
            return;
        _present.Add(consumer);
        MakeRoom(now);
    }

    public void Leave(HubConsumer consumer, TimeSpan now)
    {
        if (--consumer.Connections > 0)
            return;
        _present.Remove(consumer);
        MakeRoom(now);
    }

    /// <summary>Adds a claim, which is granted or refused now or later.</summary>
    public void Acquire(Claim claim, TimeSpan now)
    {
        var isKnown = _entries.TryGetValue(claim.Key, out var entry);
        if (!(isKnown && entry!.IsWanted) && !TryAdmit(claim, entry, now))
            return;
        if (!isKnown)
            _entries.Add(claim.Key, entry = new KeyEntry(claim.Key) { HolderClaim = claim });
        else if (!entry!.IsWanted)
            entry.HolderClaim = claim;
        entry!.Claims.Add(claim);
        if (!isKnown)
            _queue.Add(entry);
        else
            CancelRemoval(entry);
        MakeRoom(now);
        if (entry.Phase == KeyPhase.Held || _isDown)
            claim.Grant();
    }

    /// <summary>Grants a claim if it still waits for upstream. It ends if upstream refuses the key later.</summary>
    public static void GrantIfWaiting(Claim claim)
    {
        if (claim.State == ClaimState.Waiting)
            claim.Grant();
    }

    /// <summary>Ends a claim at the consumer's request, granted or not. Does nothing if it has ended already.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="now">The current time.</param>
    /// <param name="closesPage">Whether it ends because a page was closed, which may be opened again.</param>
    public void Release(Claim claim, TimeSpan now, bool closesPage = false)
    {
        if (claim.State == ClaimState.Ended)
            return;
        claim.Release();
        var entry = _entries[claim.Key];
        entry.Claims.Remove(claim);
        entry.GraceUntil = Later(entry.GraceUntil, now + (closesPage ? options.PageGrace : options.ReleaseGrace));
        if (entry.IsWanted)
        {
            if (entry.HolderClaim == claim)
            {
                entry.HolderClaim = entry.Claims.First();
                MakeRoom(now);
            }

            return;
        }

        switch (entry.Phase)
        {
            case KeyPhase.Queued:
                _queue.Remove(entry);
                _entries.Remove(entry.Key);
                break;
            case KeyPhase.Adding when entry.IsCancelled:
                entry.Phase = KeyPhase.Abandoned;
                break;
            case KeyPhase.Adding or KeyPhase.Held:
                BeginGrace(entry, Later(claim.EndsWithoutGrace ? now : entry.GraceUntil, entry.MinimumUntil) - now);
                break;
        }

        MakeRoom(now);
    }

    /// <summary>
    /// The session that had a key has lost its connection, so upstream does not have the key: if it has no claims, it is
    /// given up without its minimum time.
    /// </summary>
    public void Drop(HubKey key)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.IsWanted)
            return;
        EndGrace(entry);
        if (entry.Phase == KeyPhase.Held)
        {
            RemoveUpstream(entry);
        }
        else if (entry.Phase is KeyPhase.Adding or KeyPhase.Abandoned)
        {
            entry.Phase = KeyPhase.Abandoned;
            CancelAdd(entry);
        }
    }

    public void OnGraceEnded(HubKey key, long period, TimeSpan now)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Grace != period)
            return;
        if (entry.Phase == KeyPhase.Held && entry.MinimumUntil > now)
        {
            // Its consumer left before upstream had registered it.
            EndGrace(entry);
            BeginGrace(entry, entry.MinimumUntil - now);
            return;
        }

        ReleaseKey(entry);
        MakeRoom(now);
    }

    public void OnTimer(TimeSpan now) => MakeRoom(now);

    public void OnAdded(HubKey key, TimeSpan now)
    {
        var entry = _entries[key];
        entry.MinimumUntil = now + options.MinimumHold;
        entry.IsCancelled = false;
        if (entry.Phase == KeyPhase.Abandoned)
        {
            // It has no subscribers, but it stays for the minimum time.
            entry.Phase = KeyPhase.Held;
            if (options.MinimumHold == TimeSpan.Zero)
            {
                RemoveUpstream(entry);
                return;
            }

            BeginGrace(entry, options.MinimumHold);
            MakeRoom(now);
            return;
        }

        entry.Phase = KeyPhase.Held;
        foreach (var claim in entry.Claims)
            GrantIfWaiting(claim);
        MakeRoom(now);
    }

    public void OnRefused(HubKey key, BrokerCode code, TimeSpan now)
    {
        var entry = _entries[key];
        RememberRefusal(key, code, now);
        EndClaims(entry, code);
        RemoveEntry(entry, now);
    }

    public void OnCancelled(HubKey key, TimeSpan now) => OnGone(key, now);

    public void OnRemoved(HubKey key, TimeSpan now) => OnGone(key, now);

    public void OnLost(HubKey key, BrokerCode code)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Phase != KeyPhase.Held)
            return;
        EndClaims(entry, code);
        RemoveUpstream(entry);
    }

    /// <summary>
    /// Sets whether upstream is unreachable. While it is, claims are granted at once, because their keys will be
    /// registered when upstream is reachable again.
    /// </summary>
    public void SetDown(bool isDown)
    {
        _isDown = isDown;
        if (!isDown)
            return;
        foreach (var entry in _entries.Values)
        {
            foreach (var claim in entry.Claims)
                GrantIfWaiting(claim);
            if (entry.Phase == KeyPhase.Abandoned)
                CancelAdd(entry);
        }
    }

    /// <summary>Ends all claims, because nothing more comes from upstream.</summary>
    public void EndAll(BrokerCode code)
    {
        foreach (var entry in _entries.Values)
            EndClaims(entry, code);
        _entries.Clear();
        _queue.Clear();
    }

    // Cancels a removal that has not been requested upstream yet.
    private void CancelRemoval(KeyEntry entry)
    {
        EndGrace(entry);
        if (entry.Phase == KeyPhase.Abandoned)
            entry.Phase = KeyPhase.Adding;
    }

    // The key has no subscribers, and its grace has ended or its slot is needed.
    private void ReleaseKey(KeyEntry entry)
    {
        EndGrace(entry);
        if (entry.Phase == KeyPhase.Held)
        {
            RemoveUpstream(entry);
            return;
        }

        entry.Phase = KeyPhase.Abandoned;
        if (_isDown)
            CancelAdd(entry);
    }

    // Used only while upstream is unreachable: after a cancellation it is not known when the slot becomes free.
    private void CancelAdd(KeyEntry entry)
    {
        if (entry.IsCancelled)
            return;
        entry.IsCancelled = true;
        actions.CancelAdd(entry.Key);
    }

    private void OnGone(HubKey key, TimeSpan now)
    {
        var entry = _entries[key];
        if (entry.IsWanted)
            AddUpstream(entry);
        else
            RemoveEntry(entry, now);
    }

    private void AddUpstream(KeyEntry entry)
    {
        entry.Phase = KeyPhase.Adding;
        entry.IsCancelled = false;
        actions.Add(entry.Key);
    }

    private void RemoveUpstream(KeyEntry entry)
    {
        entry.Phase = KeyPhase.Removing;
        entry.IsCancelled = false;
        actions.Remove(entry.Key);
    }

    private void RemoveEntry(KeyEntry entry, TimeSpan now)
    {
        EndGrace(entry);
        _entries.Remove(entry.Key);
        MakeRoom(now);
    }

    private void BeginGrace(KeyEntry entry, TimeSpan duration)
    {
        entry.Grace = ++_lastGrace;
        actions.BeginGrace(entry.Key, entry.Grace, duration);
    }

    private void EndGrace(KeyEntry entry)
    {
        if (entry.Grace == 0)
            return;
        entry.Grace = 0;
        actions.EndGrace(entry.Key);
    }

    private void EndClaims(KeyEntry entry, BrokerCode code)
    {
        EndGrace(entry);
        foreach (var claim in entry.Claims)
            claim.End(code);
        entry.Claims.Clear();
    }

    // Admission of new keys, and which key gives up its slot.

    // Whether a consumer may add a key that is not wanted now: refusals, free slots and its own limits.
    private bool TryAdmit(Claim claim, KeyEntry? entry, TimeSpan now)
    {
        if (entry is null && _refusals.TryGetValue(claim.Key, out var refusal) && now < refusal.Until)
        {
            claim.End(refusal.Code);
            return false;
        }

        if (_entries.Values.Count(e => e.IsWanted) >= options.Slots)
        {
            claim.End(BrokerCode.TooManySubscriptions);
            return false;
        }

        if (claim.Consumer is not { } consumer)
            return true;
        if (_entries.Values.Count(e => e.IsWanted && e.Holder == consumer) >= LimitOf(consumer))
        {
            claim.Refuse(BrokerCode.TooManySubscriptions, ConsumerLimit.Slots);
            return false;
        }

        // A key that upstream has, or is being asked for, does not count as a new registration.
        if (entry is { Phase: KeyPhase.Held or KeyPhase.Adding } or { Phase: KeyPhase.Abandoned, IsCancelled: false }
            || consumer.NewRegistrations.TryAcquire(now, out _))
        {
            if (consumer.NewRegistrations.TryWarn(now, out var left))
                actions.FewRegistrationsLeft(consumer, left);
            return true;
        }

        claim.Refuse(BrokerCode.SendFailed, ConsumerLimit.NewRegistrations);
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

    // Every waiting key gets a slot, or one that is becoming free: fewer keys are wanted than there are slots, so a key in grace exists
    // if one is needed. If the consumer of a waiting key holds all the slots that it may, one of its own keys must go.
    private void MakeRoom(TimeSpan now)
    {
        FillSlots();
        TimeSpan? nextAt = null;
        var leaving = _entries.Values.Where(e => e.IsLeaving).ToList();
        foreach (var waiting in _queue.OrderByDescending(MustReplaceOwn).ToList())
        {
            if (!MustReplaceOwn(waiting) || !TryFree(e => e.Holder == waiting.Holder))
                TryFree(static _ => true);
        }

        if (nextAt is { } at)
            actions.SetTimer(at - now);

        // Finds a slot that is becoming free, or releases a key in grace now or as soon as it may go.
        bool TryFree(Func<KeyEntry, bool> mayGo)
        {
            if (leaving.Find(e => mayGo(e)) is { } slot)
                return leaving.Remove(slot);
            var inGrace = _entries.Values.Where(e => e.Grace > 0 && mayGo(e)).ToList();
            if (inGrace.Where(e => e.MinimumUntil <= now).MinBy(e => e.Grace) is { } oldest)
                ReleaseKey(oldest);
            else if (inGrace.Count > 0)
                nextAt = Earlier(nextAt, inGrace.Min(e => e.MinimumUntil));
            return inGrace.Count > 0;
        }
    }

    private static TimeSpan Earlier(TimeSpan? a, TimeSpan b) => a < b ? a.Value : b;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    // The consumer holds all the slots that it may, some of them for keys without subscribers.
    private bool MustReplaceOwn(KeyEntry waiting) =>
        waiting.Holder is { } holder
        && SlotsOf(holder) >= LimitOf(holder)
        && _entries.Values.Any(e => e.HasSlot && !e.IsWanted && e.Holder == holder);

    private void FillSlots()
    {
        var taken = _entries.Values.Count(e => e.HasSlot);
        for (var i = 0; i < _queue.Count && taken < options.Slots;)
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
