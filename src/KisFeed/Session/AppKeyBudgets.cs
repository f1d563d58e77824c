using System.Collections.Concurrent;

namespace KisFeed.Session;

/// <summary>
/// Rate budgets for connections and new registrations of each app key. All clients made from the same options share them, so that a program
/// that re-creates its client after each failure stays within the limits too.
/// </summary>
internal sealed class AppKeyBudgets
{
    private readonly ConcurrentDictionary<(Uri Service, string AppKey, string Of, int PerMinute, int PerHour), RateBudget> _budgets = new();

    public RateBudget ConnectionsOf(Uri service, string appKey, ReconnectPolicy policy) =>
        Find(service, appKey, nameof(ConnectionsOf), policy.AttemptsPerMinute, policy.AttemptsPerHour);

    /// <summary>The budget of new registrations of an app key at a service.</summary>
    public RateBudget RegistrationsOf(Uri service, string appKey, int perMinute, int perHour) =>
        Find(service, appKey, nameof(RegistrationsOf), perMinute, perHour);

    private RateBudget Find(Uri service, string appKey, string of, int perMinute, int perHour) =>
        _budgets.GetOrAdd((service, appKey, of, perMinute, perHour), static key => new RateBudget(key.PerMinute, key.PerHour));
}
