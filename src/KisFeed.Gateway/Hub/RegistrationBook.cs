using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Which keys are registered upstream, and for whom: a key for as long as anybody wants it, and for a period of grace after. A state machine: events
/// go in as calls, what is to be done comes out through <see cref="IBookActions"/>. Does no I/O, reads no clock, and is for one thread at a time.
/// </summary>
/// <param name="places">How many keys upstream can have at once.</param>
/// <param name="actions">Carries out what it decides.</param>
/// <remarks>
/// A key in grace gives its place up to a newcomer at once, so there is room as long as fewer keys are wanted than there are places. The newcomer waits
/// until upstream has let the other key go, since before that it would be refused.
/// </remarks>
internal sealed class RegistrationBook(int places, IBookActions actions)
{
    private readonly Dictionary<HubKey, KeyEntry> _entries = [];
    private readonly List<KeyEntry> _queue = [];
    private long _lastGrace;
    private bool _isDown;

    /// <summary>The keys that are wanted, in grace, or on their way out.</summary>
    public IReadOnlyCollection<KeyEntry> Entries => _entries.Values;

    /// <summary>Whether upstream has a key.</summary>
    public bool IsHeld(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Held;

    /// <summary>A consumer wants a key. It is granted or refused, now or later.</summary>
    public void Acquire(Lease lease)
    {
        var isKnown = _entries.TryGetValue(lease.Key, out var entry);
        if (!(isKnown && entry!.IsWanted) && _entries.Values.Count(e => e.IsWanted) >= places)
        {
            lease.End(BrokerCode.TooManySubscriptions);
            return;
        }

        if (!isKnown)
            _entries.Add(lease.Key, entry = new KeyEntry(lease.Key));
        entry!.Leases.Add(lease);
        if (!isKnown)
            _queue.Add(entry);
        else
            Keep(entry);
        MakeRoom();
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
    public void Release(Lease lease)
    {
        if (lease.State == LeaseState.Over)
            return;
        lease.GiveBack();
        var entry = _entries[lease.Key];
        entry.Leases.Remove(lease);
        if (entry.IsWanted)
            return;
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
                entry.Grace = ++_lastGrace;
                actions.BeginGrace(entry.Key, entry.Grace);
                break;
        }
    }

    /// <summary>A period of grace is over.</summary>
    public void GraceOver(HubKey key, long period)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.Grace == period)
            LetGo(entry);
    }

    /// <summary>Upstream has registered a key.</summary>
    public void Added(HubKey key)
    {
        var entry = _entries[key];
        if (entry.Phase == KeyPhase.Dropping)
        {
            Remove(entry);
            return;
        }

        entry.Phase = KeyPhase.Held;
        entry.IsCancelled = false;
        foreach (var lease in entry.Leases)
            TimedOut(lease);
    }

    /// <summary>Upstream does not give a key.</summary>
    public void Refused(HubKey key, BrokerCode code)
    {
        var entry = _entries[key];
        EndLeases(entry, code);
        Forget(entry);
    }

    /// <summary>Asking for a key was given up, as was wished.</summary>
    public void GivenUp(HubKey key)
    {
        var entry = _entries[key];
        if (entry.IsWanted)
            Add(entry);
        else
            Forget(entry);
    }

    /// <summary>Upstream has let a key go.</summary>
    public void Removed(HubKey key)
    {
        var entry = _entries[key];
        if (entry.IsWanted)
            Add(entry);
        else
            Forget(entry);
    }

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

    // Who waits for a place finds one, or one that becomes free: fewer keys are wanted than there are places, so there is one in grace where it is needed.
    private void MakeRoom()
    {
        FillPlaces();
        for (var leaving = _entries.Values.Count(e => e.IsLeaving); leaving < _queue.Count; leaving++)
            LetGo(_entries.Values.Where(e => e.Grace > 0).MinBy(e => e.Grace)!);
    }

    private void FillPlaces()
    {
        for (var taken = _entries.Values.Count(e => e.HasPlace); taken < places && _queue.Count > 0; taken++)
        {
            var next = _queue[0];
            _queue.RemoveAt(0);
            Add(next);
        }
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

    private void Forget(KeyEntry entry)
    {
        EndGrace(entry);
        _entries.Remove(entry.Key);
        FillPlaces();
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
