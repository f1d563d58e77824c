using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// The sessions of several app keys as one: places registrations where there is room, and moves those that their session cannot hold. If
/// there is no room, a registration takes the slot of one with a lower priority, which gets a slot again when there is one. Free of I/O, as
/// the sessions are; not thread-safe.
/// </summary>
internal sealed class SessionGroup
{
    private readonly Dictionary<(string TrId, string Key), SessionMachine> _assigned = [];
    private long _evictions;
    private bool _isRebalancing;

    /// <summary>Creates a group of sessions that are not connected yet.</summary>
    /// <param name="sessions">The sessions, at least one. Order notices of an HTS ID that no session names belong to the first.</param>
    public SessionGroup(IReadOnlyList<SessionMachine> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        Sessions = sessions;
        foreach (var session in sessions)
            session.Group = this;
    }

    /// <summary>The sessions, in the order of their app keys.</summary>
    public IReadOnlyList<SessionMachine> Sessions { get; }

    /// <summary>Whether a registration waits for a slot.</summary>
    public bool HasEvicted => Evicted.Any();

    private IEnumerable<Registration> Evicted =>
        Sessions.Where(s => !s.IsOver).SelectMany(s => s.Registrations).Where(r => r.IsEvicted);

    /// <summary>
    /// A subscriber requests a key of a feed. One that joins an evicted registration waits with it, unless its priority is sufficient.
    /// </summary>
    /// <returns>The registration; <see langword="null"/> if no session can hold it. <see cref="SessionOf"/> returns the session that would
    /// have to, if there is only one.</returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(feed);

        // Evicted registrations are placed first; otherwise one of them could take the slot of this one at once.
        Rebalance(now);
        foreach (var session in Sessions)
        {
            if (session.HasSubscribers(feed, key) && session.TrySubscribe(feed, key, now, priority) is { } registration)
                return registration;
        }

        foreach (var session in CandidatesFor(feed, key))
        {
            if (session.TrySubscribe(feed, key, now, priority) is { } registration)
                return registration;
        }

        if (FindVictim(CandidatesFor(feed, key).Where(s => s.MayRegisterAnother(now)), priority) is not { } victim)
            return null;
        Evict(victim);
        return victim.Session.TrySubscribe(feed, key, now, priority);
    }

    /// <summary>Whether a session has a slot for a new registration, or can take one from a registration with a lower priority.</summary>
    public static bool HasSlotFor(SessionMachine session, int priority) =>
        session.HasFreeSlot || FindVictim([session], priority) is not null;

    /// <summary>
    /// The only session that may hold a registration: the one that the key is assigned to, or for order notices, which the broker sends
    /// only to the app key of their account, that of the HTS ID.
    /// </summary>
    public SessionMachine? SessionOf(FeedSchema feed, string key)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.IsNotice)
            return Sessions.FirstOrDefault(s => key.Equals(s.Settings.HtsId, StringComparison.Ordinal)) ?? Sessions[0];
        return _assigned.GetValueOrDefault((feed.TrId, key));
    }

    /// <summary>
    /// Assigns a key to a session: while it has no subscribers, only this session registers it. A registration is not moved by this.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="session">The session; <see langword="null"/> to let the group choose again.</param>
    public void Assign(FeedSchema feed, string key, SessionMachine? session)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (session is null)
            _assigned.Remove((feed.TrId, key));
        else
            _assigned[(feed.TrId, key)] = session;
    }

    /// <summary>Moves a registration, which its session has given up, to another session.</summary>
    /// <returns><see langword="false"/> if no other session can hold it.</returns>
    public bool TryMove(Registration registration, TimeSpan now)
    {
        if (SessionOf(registration.Feed, registration.Key) is not null)
            return false;
        registration.RefusedBy.Add(registration.Session);
        if (TakeSlot(registration, [.. ByPreference().Where(s => s.MayAdopt(registration))], now) is not { } target)
            return false;
        Move(registration, target, now);
        return true;
    }

    /// <summary>
    /// Gives slots to evicted registrations: the highest priority first, then the one that waits longest. Besides free slots they get those
    /// of registrations with a lower priority.
    /// </summary>
    public void Rebalance(TimeSpan now)
    {
        if (_isRebalancing || !HasEvicted)
            return;
        _isRebalancing = true;
        try
        {
            while (Queue().Any(r => TryRestore(r, now)))
            {
            }
        }
        finally
        {
            _isRebalancing = false;
        }

        Registration[] Queue() =>
        [
            .. Evicted.OrderByDescending(r => r.Priority).ThenByDescending(r => r.Feed.IsNotice).ThenBy(r => r.Eviction),
        ];
    }

    private bool TryRestore(Registration registration, TimeSpan now)
    {
        var session = registration.Session;

        // It does not move while its own session may still hold it.
        var mayMove = registration.State == RegistrationState.Queued && SessionOf(registration.Feed, registration.Key) is null;
        SessionMachine[] candidates =
            [session, .. ByPreference().Where(s => mayMove && s != session && s.MayAdopt(registration))];
        if (TakeSlot(registration, candidates, now) is not { } target)
        {
            // Their timers try again when their budgets allow it.
            foreach (var candidate in candidates)
                candidate.ResetTimer(now);
            return false;
        }

        if (target == session)
            session.Restore(registration, now);
        else
            Move(registration, target, now);
        return true;
    }

    // A free slot; or that of the registration with the lowest priority, if the budget allows to use it now.
    private SessionMachine? TakeSlot(Registration registration, SessionMachine[] candidates, TimeSpan now)
    {
        if (Array.Find(candidates, s => s.HasFreeSlot) is { } free)
            return free;
        var usable = candidates.Where(s => !registration.IsNew || s.MayRegisterAnother(now));
        if (FindVictim(usable, registration.Priority) is not { } victim)
            return null;
        Evict(victim);
        return victim.Session;
    }

    private static void Move(Registration registration, SessionMachine target, TimeSpan now)
    {
        registration.Session.Withdraw(registration);
        target.Adopt(registration, now);
    }

    private void Evict(Registration registration) => registration.Session.Evict(registration, ++_evictions);

    // The registration with the lowest priority, if that is lower: market data before order notices, and then the newest.
    private static Registration? FindVictim(IEnumerable<SessionMachine> sessions, int priority) => sessions
        .SelectMany(s => s.Registrations)
        .Where(r => r is { SubscriberCount: > 0, IsEvicted: false } && r.Priority < priority)
        .OrderBy(r => r.Priority)
        .ThenBy(r => r.Feed.IsNotice)
        .ThenByDescending(r => r.RequestedAt)
        .ThenByDescending(r => r.Order)
        .FirstOrDefault();

    private IEnumerable<SessionMachine> CandidatesFor(FeedSchema feed, string key) =>
        SessionOf(feed, key) is { } only ? [only] : ByPreference();

    // Sessions with problems last. Among the others the emptiest first: losing one then loses least, and slots for notices remain.
    private IEnumerable<SessionMachine> ByPreference() => Sessions.OrderBy(s => s.IsFailing).ThenBy(s => s.DesiredCount);
}
