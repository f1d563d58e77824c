using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// The keys that are registered upstream, and their leases. A key stays registered while it has leases, and for a grace period after that. A state
/// machine: events go in as calls, actions come out through <see cref="IUpstreamActions"/>. Does no I/O, reads no clock, and is not thread-safe.
/// </summary>
/// <param name="options">The limits and delays.</param>
/// <param name="actions">Executes its actions.</param>
/// <remarks>
/// <para>A key in grace gives up its place to a new key, so there is room as long as fewer keys are wanted than there are places. The new key waits
/// until upstream has released the other key, because upstream would refuse it before that.</para>
/// <para>Conduct: a key stays registered for a minimum time even if its place is needed, each consumer has a budget of new registrations, and a key
/// that upstream has refused permanently is not requested again for a while. Fairness: a consumer that holds all the places that it may have gives up
/// its own keys in grace first.</para>
/// </remarks>
internal sealed partial class UpstreamRegistrations(UpstreamRegistrationOptions options, IUpstreamActions actions)
{
    private readonly Dictionary<HubKey, KeyEntry> _entries = [];
    private readonly List<KeyEntry> _queue = [];
    private readonly HashSet<HubConsumer> _present = [];
    private long _lastGrace;
    private bool _isDown;

    /// <summary>The keys that are wanted, in grace, or being removed.</summary>
    public IReadOnlyCollection<KeyEntry> Entries => _entries.Values;

    /// <summary>Whether upstream has registered a key.</summary>
    public bool IsHeld(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Held;

    /// <summary>Whether the reply of upstream to a registration is pending.</summary>
    public bool IsAdding(HubKey key) => _entries.TryGetValue(key, out var entry) && entry.Phase == KeyPhase.Adding;

    /// <summary>Whether upstream has a key that has no lease, or is being asked to release it.</summary>
    public bool IsReleasing(HubKey key) => _entries.TryGetValue(key, out var entry) && !entry.IsWanted;

    /// <summary>Places that a consumer holds, including those of its keys in grace.</summary>
    public int PlacesOf(HubConsumer consumer) => _entries.Values.Count(e => e.HasPlace && e.Holder == consumer);

    /// <summary>How many places a consumer may hold now.</summary>
    public int LimitOf(HubConsumer consumer) => consumer.MaxPlaces ?? (_present.Any(other => other != consumer) ? options.FairShare : options.Places);

    /// <summary>Adds a connection of a consumer, whether or not it wants a key.</summary>
    public void Join(HubConsumer consumer, TimeSpan now)
    {
        if (++consumer.Connections > 1)
            return;
        _present.Add(consumer);
        MakeRoom(now);
    }

    /// <summary>Removes a connection of a consumer.</summary>
    public void Leave(HubConsumer consumer, TimeSpan now)
    {
        if (--consumer.Connections > 0)
            return;
        _present.Remove(consumer);
        MakeRoom(now);
    }

    /// <summary>Adds a lease, which is granted or refused now or later.</summary>
    public void Acquire(Lease lease, TimeSpan now)
    {
        var isKnown = _entries.TryGetValue(lease.Key, out var entry);
        if (!(isKnown && entry!.IsWanted) && !TryAdmit(lease, entry, now))
            return;
        if (!isKnown)
            _entries.Add(lease.Key, entry = new KeyEntry(lease.Key) { HolderLease = lease });
        else if (!entry!.IsWanted)
            entry.HolderLease = lease;
        entry!.Leases.Add(lease);
        if (!isKnown)
            _queue.Add(entry);
        else
            CancelRemoval(entry);
        MakeRoom(now);
        if (entry.Phase == KeyPhase.Held || _isDown)
            lease.Grant();
    }

    /// <summary>Grants a lease if it still waits for upstream. It ends if upstream refuses the key later.</summary>
    public static void GrantIfWaiting(Lease lease)
    {
        if (lease.State == LeaseState.Waiting)
            lease.Grant();
    }

    /// <summary>Ends a lease at the consumer's request, granted or not. Does nothing if it has ended already.</summary>
    public void Release(Lease lease, TimeSpan now)
    {
        if (lease.State == LeaseState.Ended)
            return;
        lease.Release();
        var entry = _entries[lease.Key];
        entry.Leases.Remove(lease);
        if (entry.IsWanted)
        {
            if (entry.HolderLease == lease)
            {
                entry.HolderLease = entry.Leases.First();
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
                var grace = lease.EndsWithoutGrace ? TimeSpan.Zero : options.ReleaseGrace;
                var minimum = entry.MinimumUntil - now;
                BeginGrace(entry, minimum > grace ? minimum : grace);
                break;
        }

        MakeRoom(now);
    }

    /// <summary>
    /// The session that had a key has lost its connection, so upstream does not have the key: if it has no leases, it is given up without its minimum time.
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

    /// <summary>A grace period has ended.</summary>
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

    /// <summary>The timer of <see cref="IUpstreamActions.SetTimer"/> is due.</summary>
    public void OnTimer(TimeSpan now) => MakeRoom(now);

    /// <summary>Upstream has registered a key.</summary>
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
        foreach (var lease in entry.Leases)
            GrantIfWaiting(lease);
        MakeRoom(now);
    }

    /// <summary>Upstream has refused a key.</summary>
    public void OnRefused(HubKey key, BrokerCode code, TimeSpan now)
    {
        var entry = _entries[key];
        RememberRefusal(key, code, now);
        EndLeases(entry, code);
        RemoveEntry(entry, now);
    }

    /// <summary>A registration was cancelled as requested.</summary>
    public void OnCancelled(HubKey key, TimeSpan now) => OnGone(key, now);

    /// <summary>Upstream has removed a key as requested.</summary>
    public void OnRemoved(HubKey key, TimeSpan now) => OnGone(key, now);

    /// <summary>Upstream has ended the registration of a key.</summary>
    public void OnLost(HubKey key, BrokerCode code)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Phase != KeyPhase.Held)
            return;
        EndLeases(entry, code);
        RemoveUpstream(entry);
    }

    /// <summary>
    /// Sets whether upstream is unreachable. While it is, leases are granted at once, because their keys will be registered when upstream is
    /// reachable again.
    /// </summary>
    public void SetDown(bool isDown)
    {
        _isDown = isDown;
        if (!isDown)
            return;
        foreach (var entry in _entries.Values)
        {
            foreach (var lease in entry.Leases)
                GrantIfWaiting(lease);
            if (entry.Phase == KeyPhase.Abandoned)
                CancelAdd(entry);
        }
    }

    /// <summary>Ends all leases, because nothing more comes from upstream.</summary>
    public void EndAll(BrokerCode code)
    {
        foreach (var entry in _entries.Values)
            EndLeases(entry, code);
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

    // The key has no subscribers, and its grace has ended or its place is needed.
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

    // Used only while upstream is unreachable: after a cancellation it is not known when the place becomes free.
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

    private void EndLeases(KeyEntry entry, BrokerCode code)
    {
        EndGrace(entry);
        foreach (var lease in entry.Leases)
            lease.End(code);
        entry.Leases.Clear();
    }
}

/// <summary>The options of <see cref="UpstreamRegistrations"/>.</summary>
internal sealed record UpstreamRegistrationOptions
{
    private static readonly TimeSpan s_refusalMemory = TimeSpan.FromMinutes(5);

    /// <summary>Keys that can be registered upstream at once.</summary>
    public required int Places { get; init; }

    /// <summary>How many of the places are used by pinned keys. Default 0.</summary>
    public int Pinned { get; init; }

    /// <summary>How long a key stays registered upstream after its last lease has ended.</summary>
    public TimeSpan ReleaseGrace { get; init; }

    /// <summary>
    /// The minimum time that a key stays registered, even if its place is needed: the broker blocks app keys that register and release without
    /// receiving.
    /// </summary>
    public TimeSpan MinimumHold { get; init; }

    /// <summary>How long a key that upstream has refused permanently is not requested again.</summary>
    public TimeSpan RefusalMemory { get; init; }

    /// <summary>How many places one consumer may hold while others are connected.</summary>
    public int FairShare => Math.Max(1, (Places - Pinned + 1) / 2);

    /// <summary>The options for a gateway.</summary>
    public static UpstreamRegistrationOptions Of(GatewayOptions options) => new()
    {
        Places = options.Upstream.MaxRegistrations,
        Pinned = options.Keep.Count,
        ReleaseGrace = options.ReleaseGrace,
        MinimumHold = options.MinimumHold,
        RefusalMemory = s_refusalMemory,
    };
}

/// <summary>The actions of <see cref="UpstreamRegistrations"/>. No action may call the state machine before it returns.</summary>
internal interface IUpstreamActions
{
    /// <summary>
    /// Registers a key upstream. Ends with <see cref="UpstreamRegistrations.OnAdded"/>, <see cref="UpstreamRegistrations.OnRefused"/> or
    /// <see cref="UpstreamRegistrations.OnCancelled"/>.
    /// </summary>
    void Add(HubKey key);

    /// <summary>Requests the cancellation of <see cref="Add"/>, which may succeed or not. The outcome is reported as usual.</summary>
    void CancelAdd(HubKey key);

    /// <summary>Removes a key upstream. Ends with <see cref="UpstreamRegistrations.OnRemoved"/>.</summary>
    void Remove(HubKey key);

    /// <summary>Starts a grace period, which ends with <see cref="UpstreamRegistrations.OnGraceEnded"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="period">The number of the period. The end of an earlier period is ignored.</param>
    /// <param name="duration">Its length.</param>
    void BeginGrace(HubKey key, long period, TimeSpan duration);

    /// <summary>Cancels the grace period, because it has ended or the key is wanted again.</summary>
    void EndGrace(HubKey key);

    /// <summary>Calls <see cref="UpstreamRegistrations.OnTimer"/> after a delay. Replaces an earlier timer.</summary>
    void SetTimer(TimeSpan delay);

    /// <summary>Warns that a consumer has few new registrations left.</summary>
    void FewRegistrationsLeft(HubConsumer consumer, int left);
}
