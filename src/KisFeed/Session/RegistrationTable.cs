using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>The registrations of one session: at most as many as the broker allows, each once.</summary>
/// <param name="session">The session; <see langword="null"/> if nothing is registered anywhere.</param>
/// <param name="limit">The number of registrations that the session may have.</param>
internal sealed class RegistrationTable(SessionMachine? session, int limit)
{
    private readonly Dictionary<string, FeedRegistrations> _feeds = new(StringComparer.Ordinal);
    private readonly List<Registration> _all = [];
    private long _order;

    public IReadOnlyList<Registration> All => _all;

    public IEnumerable<KeyValuePair<string, FeedRegistrations>> Feeds => _feeds;

    public int Limit => limit;

    /// <summary>Number of registrations that have subscribers and a slot, whether the server holds them yet or not.</summary>
    public int DesiredCount => _all.Count(r => r.SubscriberCount > 0 && !r.IsEvicted);

    public int OnWire => _all.Count(r => r.IsOnWire);

    public Registration? Find(string trId, string key) =>
        _feeds.TryGetValue(trId, out var feed) ? feed.Find(System.Text.Encoding.UTF8.GetBytes(key)) : null;

    public FeedRegistrations? OfFeed(FeedSchema feed) => _feeds.GetValueOrDefault(feed.TrId);

    public Registration Add(FeedSchema feed, string key)
    {
        var registration = new Registration(feed, key);
        Add(registration);
        return registration;
    }

    /// <summary>Adds a registration, which is new or was moved here from another session.</summary>
    public void Add(Registration registration)
    {
        var feed = registration.Feed;
        registration.Session = session!;
        registration.Order = _order++;
        if (!_feeds.TryGetValue(feed.TrId, out var registrations))
            _feeds[feed.TrId] = registrations = new FeedRegistrations();
        registrations.Add(registration);
        _all.Add(registration);
    }

    public void Remove(Registration registration)
    {
        registration.State = RegistrationState.Ended;
        registration.Eviction = 0;
        registration.ClearKey();
        Withdraw(registration);
    }

    /// <summary>Removes a registration without ending it: it moves to another session.</summary>
    public void Withdraw(Registration registration)
    {
        if (_all.Remove(registration))
            _feeds[registration.Feed.TrId].Remove(registration);
    }

    /// <summary>Places a registration behind all others with its priority.</summary>
    public void Requeue(Registration registration) => registration.Order = _order++;

    public void Clear()
    {
        foreach (var registration in _all.ToArray())
            Remove(registration);
    }

    /// <summary>
    /// The next request that brings the server closer to the desired registrations. Releases come first, because they free slots; then
    /// registrations, order notices before market data, the highest priority first, in the order in which they were requested; then
    /// releases that must be repeated.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="mayRegisterNew">Whether new keys may be registered, rather than only restored ones.</param>
    public (Registration Registration, RequestType Type)? NextRequest(TimeSpan now, bool mayRegisterNew)
    {
        Registration? next = null;
        Registration? repeated = null;
        foreach (var registration in _all)
        {
            if (IsToBeReleased(registration))
                return (registration, RequestType.Release);
            if (IsQueued(registration)
                && registration.RetryAt <= now
                && (mayRegisterNew || !registration.IsNew)
                && (next is null || ComesBefore(registration, next)))
            {
                next = registration;
            }
            if (registration.State == RegistrationState.Unanswered && registration.RetryAt <= now)
                repeated ??= registration;
        }

        if (next is not null && OnWire < limit)
            return (next, RequestType.Register);
        return repeated is null ? null : (repeated, RequestType.Release);
    }

    /// <summary>
    /// A registration that cannot be requested, because the session is full and no slot is about to be freed. One that was evicted waits.
    /// </summary>
    public Registration? NextWithoutSlot() =>
        OnWire < limit || _all.Exists(IsToBeReleased) ? null : _all.Find(r => IsQueued(r) && !r.WasEvicted);

    public TimeSpan? NextRetryAt(TimeSpan now)
    {
        TimeSpan? earliest = null;
        foreach (var registration in _all)
        {
            var isRepeated = registration.State == RegistrationState.Unanswered
                || (IsQueued(registration) && registration.RetryAt > now);
            if (isRepeated && (earliest is null || registration.RetryAt < earliest))
                earliest = registration.RetryAt;
        }

        return earliest;
    }

    private static bool IsQueued(Registration registration) => registration.State == RegistrationState.Queued && !registration.IsEvicted;

    private static bool IsToBeReleased(Registration registration) => registration.State == RegistrationState.Registered
        && (registration.SubscriberCount == 0 || registration.IsEvicted || registration.MustRenew);

    private static bool ComesBefore(Registration a, Registration b)
    {
        if (a.Feed.IsNotice != b.Feed.IsNotice)
            return a.Feed.IsNotice;
        return a.Priority != b.Priority ? a.Priority > b.Priority : a.Order < b.Order;
    }
}
