using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// The sessions of several app keys as one: places registrations where there is room, and moves those that a session cannot have. Pure, as
/// the sessions are; not for several threads at once.
/// </summary>
public sealed class SessionGroup : IRegistrationPlacement
{
    /// <summary>A group of sessions that are not connected yet.</summary>
    /// <param name="sessions">The sessions, at least one. Order notices whose HTS ID none of them names belong to the first.</param>
    public SessionGroup(IReadOnlyList<SessionMachine> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        Sessions = sessions;
        foreach (var session in sessions)
            session.Placement = this;
    }

    /// <summary>The sessions, in the order of their app keys.</summary>
    public IReadOnlyList<SessionMachine> Sessions { get; }

    /// <summary>A subscriber wants a key of a feed.</summary>
    /// <returns>The registration; <see langword="null"/> where no session can have it: <see cref="SessionOf"/> says which had to, if one had.</returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (SessionOf(feed, key) is { } only)
            return only.TrySubscribe(feed, key, now);
        foreach (var session in Sessions)
        {
            if (session.IsWanted(feed, key) && session.TrySubscribe(feed, key, now) is { } registration)
                return registration;
        }

        foreach (var session in ByPreference())
        {
            if (session.TrySubscribe(feed, key, now) is { } registration)
                return registration;
        }

        return null;
    }

    /// <summary>The only session that may have a registration: an order notice is told to the app key of its account alone.</summary>
    public SessionMachine? SessionOf(FeedSchema feed, string key)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return feed.IsNotice ? Sessions.FirstOrDefault(s => key.Equals(s.Settings.HtsId, StringComparison.Ordinal)) ?? Sessions[0] : null;
    }

    bool IRegistrationPlacement.TryMove(Registration registration, TimeSpan now)
    {
        if (registration.Feed.IsNotice)
            return false;
        registration.RefusedBy.Add(registration.Session);
        if (ByPreference().FirstOrDefault(s => s.CanAdopt(registration)) is not { } target)
            return false;
        registration.Session.Withdraw(registration);
        target.Adopt(registration, now);
        return true;
    }

    // Sessions that are in trouble last; among the others the emptiest, so that losing one loses least, and places for notices remain.
    private IEnumerable<SessionMachine> ByPreference() => Sessions.OrderBy(s => s.IsInTrouble).ThenBy(s => s.RecordFilter);
}
