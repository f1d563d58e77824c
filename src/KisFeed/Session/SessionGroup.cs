using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// The sessions of several app keys as one: places registrations where there is room, and moves those that their session cannot hold. Free
/// of I/O, as the sessions are; not thread-safe.
/// </summary>
internal sealed class SessionGroup
{
    private readonly Dictionary<(string TrId, string Key), SessionMachine> _assigned = [];

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

    /// <summary>A subscriber requests a key of a feed.</summary>
    /// <returns>The registration; <see langword="null"/> if no session can hold it. <see cref="SessionOf"/> returns the session that would
    /// have to, if there is only one.</returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(feed);
        foreach (var session in Sessions)
        {
            if (session.HasSubscribers(feed, key) && session.TrySubscribe(feed, key, now) is { } registration)
                return registration;
        }

        if (SessionOf(feed, key) is { } only)
            return only.TrySubscribe(feed, key, now);
        foreach (var session in ByPreference())
        {
            if (session.TrySubscribe(feed, key, now) is { } registration)
                return registration;
        }

        return null;
    }

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
    /// <returns><see langword="false"/> if no other session can hold it; nothing is changed then.</returns>
    public bool TryMove(Registration registration, TimeSpan now)
    {
        if (SessionOf(registration.Feed, registration.Key) is not null)
            return false;
        registration.RefusedBy.Add(registration.Session);
        if (ByPreference().FirstOrDefault(s => s.CanAdopt(registration)) is not { } target)
            return false;
        registration.Session.Withdraw(registration);
        target.Adopt(registration, now);
        return true;
    }

    // Sessions with problems last. Among the others the emptiest first: losing one then loses least, and slots for notices remain.
    private IEnumerable<SessionMachine> ByPreference() => Sessions.OrderBy(s => s.IsFailing).ThenBy(s => s.DesiredCount);
}
