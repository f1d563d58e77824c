using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Which keys are registered upstream, and for whom: a key for as long as anybody wants it, and for a period of grace after. A state machine: events
/// go in as calls, what is to be done comes out through <see cref="IBookActions"/>. Does no I/O, reads no clock, and is for one thread at a time.
/// </summary>
/// <param name="rules">What it keeps to.</param>
/// <param name="actions">Carries out what it decides.</param>
/// <remarks>
/// <para>A key in grace gives its place up to a newcomer, so there is room as long as fewer keys are wanted than there are places. The newcomer waits
/// until upstream has let the other key go, since before that it would be refused.</para>
/// <para>Conduct: a key that was registered stays so for a while even if its place is needed, each consumer has a budget of new registrations, and a key that upstream has refused for good is not asked for again for a while.
/// Fairness: a consumer holds no more places than it may; beyond that its own keys in grace go first.</para>
/// </remarks>
internal sealed partial class UpstreamRegistrations(BookRules rules, IBookActions actions)
{
    private readonly Dictionary<HubKey, KeyEntry> _entries = [];
    private readonly List<KeyEntry> _queue = [];
    private readonly HashSet<HubConsumer> _present = [];
    private long _lastGrace;
    private bool _isDown;

    /// <summary>The keys that are wanted, in grace, or on their way out.</summary>
    public IReadOnlyCollection<KeyEntry> Entries => _entries.Values;

    /// <summary>Whether upstream has a key.</summary>
    public bool IsHeld(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Held;

    /// <summary>Whether upstream's answer about a key is awaited.</summary>
    public bool IsAskedFor(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Adding;

    /// <summary>Places that a consumer holds, those of its keys in grace included.</summary>
    public int PlacesOf(HubConsumer consumer) => _entries.Values.Count(e => e.HasPlace && e.Holder == consumer);

    /// <summary>How many places a consumer may hold now.</summary>
    public int LimitOf(HubConsumer consumer) => consumer.MaxPlaces ?? (_present.Any(other => other != consumer) ? rules.FairShare : rules.Places);

    /// <summary>A consumer has one more connection, whether or not it wants a key.</summary>
    public void Join(HubConsumer consumer, TimeSpan now)
    {
        if (++consumer.Connections > 1)
            return;
        _present.Add(consumer);
        MakeRoom(now);
    }

    /// <summary>A consumer has one connection less.</summary>
    public void Leave(HubConsumer consumer, TimeSpan now)
    {
        if (--consumer.Connections > 0)
            return;
        _present.Remove(consumer);
        MakeRoom(now);
    }

    /// <summary>A consumer wants a key. It is granted or refused, now or later.</summary>
    public void Acquire(Lease lease, TimeSpan now)
    {
        var isKnown = _entries.TryGetValue(lease.Key, out var entry);
        if (!(isKnown && entry!.IsWanted) && !TryAdmit(lease, entry, now))
            return;
        if (!isKnown)
            _entries.Add(lease.Key, entry = new KeyEntry(lease.Key) { Paying = lease });
        else if (!entry!.IsWanted)
            entry.Paying = lease;
        entry!.Leases.Add(lease);
        if (!isKnown)
            _queue.Add(entry);
        else
            Keep(entry);
        MakeRoom(now);
        if (entry.Phase == KeyPhase.Held || _isDown)
            lease.Grant();
    }

    /// <summary>A consumer has waited long enough: it is granted what it wants, and told if upstream refuses it later.</summary>
    public static void TimedOut(Lease lease)
    {
        if (lease.State == LeaseState.Waiting)
            lease.Grant();
    }

    /// <summary>A consumer does not want a key any more, whether or not it had it. Nothing happens where that is over already.</summary>
    public void Release(Lease lease, TimeSpan now)
    {
        if (lease.State == LeaseState.Over)
            return;
        lease.GiveBack();
        var entry = _entries[lease.Key];
        entry.Leases.Remove(lease);
        if (entry.IsWanted)
        {
            if (entry.Paying == lease)
            {
                entry.Paying = entry.Leases.First();
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
                entry.Phase = KeyPhase.Dropping;
                break;
            case KeyPhase.Adding or KeyPhase.Held:
                var firm = entry.FirmUntil - now;
                BeginGrace(entry, firm > rules.ReleaseGrace ? firm : rules.ReleaseGrace);
                break;
        }

        MakeRoom(now);
    }

    /// <summary>A period of grace is over.</summary>
    public void GraceOver(HubKey key, long period, TimeSpan now)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Grace != period)
            return;
        if (entry.Phase == KeyPhase.Held && entry.FirmUntil > now)
        {
            // Its consumer left before upstream had registered it.
            EndGrace(entry);
            BeginGrace(entry, entry.FirmUntil - now);
            return;
        }

        LetGo(entry);
        MakeRoom(now);
    }

    /// <summary>The time that <see cref="IBookActions.SetTimer"/> named has come.</summary>
    public void LookAgain(TimeSpan now) => MakeRoom(now);

    /// <summary>Upstream has registered a key.</summary>
    public void Added(HubKey key, TimeSpan now)
    {
        var entry = _entries[key];
        entry.FirmUntil = now + rules.MinimumHold;
        entry.IsCancelled = false;
        if (entry.Phase == KeyPhase.Dropping)
        {
            // Nobody wants it by now. It stays all the same for as long as a key must.
            entry.Phase = KeyPhase.Held;
            if (rules.MinimumHold == TimeSpan.Zero)
            {
                Remove(entry);
                return;
            }

            BeginGrace(entry, rules.MinimumHold);
            MakeRoom(now);
            return;
        }

        entry.Phase = KeyPhase.Held;
        foreach (var lease in entry.Leases)
            TimedOut(lease);
        MakeRoom(now);
    }

    /// <summary>Upstream does not give a key.</summary>
    public void Refused(HubKey key, BrokerCode code, TimeSpan now)
    {
        var entry = _entries[key];
        Remember(key, code, now);
        EndLeases(entry, code);
        Forget(entry, now);
    }

    /// <summary>Asking for a key was given up, as was wished.</summary>
    public void GivenUp(HubKey key, TimeSpan now) => Gone(key, now);

    /// <summary>Upstream has let a key go.</summary>
    public void Removed(HubKey key, TimeSpan now) => Gone(key, now);

    /// <summary>Upstream has taken back a key that was registered.</summary>
    public void Lost(HubKey key, BrokerCode code)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Phase != KeyPhase.Held)
            return;
        EndLeases(entry, code);
        Remove(entry);
    }

    /// <summary>Whether upstream is out of reach. What is wanted then is granted, since it will be registered when there is an upstream again.</summary>
    public void SetDown(bool isDown)
    {
        _isDown = isDown;
        if (!isDown)
            return;
        foreach (var entry in _entries.Values)
        {
            foreach (var lease in entry.Leases)
                TimedOut(lease);
            if (entry.Phase == KeyPhase.Dropping)
                GiveUp(entry);
        }
    }

    /// <summary>Nothing comes from upstream any more: all leases end, and nothing more is done.</summary>
    public void EndAll(BrokerCode code)
    {
        foreach (var entry in _entries.Values)
            EndLeases(entry, code);
        _entries.Clear();
        _queue.Clear();
    }

    // Somebody wants a key that may have been on its way out.
    private void Keep(KeyEntry entry)
    {
        EndGrace(entry);
        if (entry.Phase == KeyPhase.Dropping)
            entry.Phase = KeyPhase.Adding;
    }

    // Nobody wants a key, and its grace is over or its place is needed.
    private void LetGo(KeyEntry entry)
    {
        EndGrace(entry);
        if (entry.Phase == KeyPhase.Held)
        {
            Remove(entry);
            return;
        }

        entry.Phase = KeyPhase.Dropping;
        if (_isDown)
            GiveUp(entry);
    }

    // While upstream is there its answer is waited for: who gives up does not know when the place is free.
    private void GiveUp(KeyEntry entry)
    {
        if (entry.IsCancelled)
            return;
        entry.IsCancelled = true;
        actions.GiveUp(entry.Key);
    }

    private void Gone(HubKey key, TimeSpan now)
    {
        var entry = _entries[key];
        if (entry.IsWanted)
            Add(entry);
        else
            Forget(entry, now);
    }

    private void Add(KeyEntry entry)
    {
        entry.Phase = KeyPhase.Adding;
        entry.IsCancelled = false;
        actions.Add(entry.Key);
    }

    private void Remove(KeyEntry entry)
    {
        entry.Phase = KeyPhase.Removing;
        entry.IsCancelled = false;
        actions.Remove(entry.Key);
    }

    private void Forget(KeyEntry entry, TimeSpan now)
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

    private void EndLeases(KeyEntry entry, BrokerCode code)
    {
        EndGrace(entry);
        foreach (var lease in entry.Leases)
            lease.End(code);
        entry.Leases.Clear();
    }
}

/// <summary>What a <see cref="UpstreamRegistrations"/> keeps to.</summary>
internal sealed record BookRules
{
    /// <summary>Keys that upstream can have at once.</summary>
    public required int Places { get; init; }

    /// <summary>Of those, places of keys that the gateway itself keeps. Default 0.</summary>
    public int Kept { get; init; }

    /// <summary>How long a key stays registered upstream when nobody wants it any more.</summary>
    public TimeSpan ReleaseGrace { get; init; }

    /// <summary>How long a key stays registered at least, even if its place is needed: the broker blocks app keys that register and release without receiving.</summary>
    public TimeSpan MinimumHold { get; init; }

    /// <summary>How long a key that upstream has refused for good is not asked for again.</summary>
    public TimeSpan RefusalMemory { get; init; }

    /// <summary>How many places one consumer may hold while others are connected.</summary>
    public int FairShare => Math.Max(1, (Places - Kept + 1) / 2);
}

/// <summary>What a <see cref="UpstreamRegistrations"/> has done. None of it may call the book back before it returns.</summary>
internal interface IBookActions
{
    /// <summary>Asks upstream for a key. Ends with <see cref="UpstreamRegistrations.Added"/>, <see cref="UpstreamRegistrations.Refused"/> or <see cref="UpstreamRegistrations.GivenUp"/>.</summary>
    void Add(HubKey key);

    /// <summary>Asks that <see cref="Add"/> be given up, which it may or may not be. Whatever ends it is told as usual.</summary>
    void GiveUp(HubKey key);

    /// <summary>Gives a key back. Ends with <see cref="UpstreamRegistrations.Removed"/>.</summary>
    void Remove(HubKey key);

    /// <summary>Begins a period of grace, which ends with <see cref="UpstreamRegistrations.GraceOver"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="period">Which period it is: what is said of an earlier one changes nothing.</param>
    /// <param name="duration">How long it is.</param>
    void BeginGrace(HubKey key, long period, TimeSpan duration);

    /// <summary>Forgets the period of grace, because it is over or the key is wanted again.</summary>
    void EndGrace(HubKey key);

    /// <summary>Calls <see cref="UpstreamRegistrations.LookAgain"/> after this time; replaces what was set before.</summary>
    void SetTimer(TimeSpan delay);

    /// <summary>Few new registrations are left for a consumer.</summary>
    void FewRegistrationsLeft(HubConsumer consumer, int left);
}
