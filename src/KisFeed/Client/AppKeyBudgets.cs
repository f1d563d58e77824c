using System.Collections.Concurrent;
using KisFeed.Session;

namespace KisFeed;

/// <summary>
/// Rate budgets for connections and new registrations of each app key. All clients made from the same options share them, so that a program that
/// re-creates its client after each failure stays within the limits too.
/// </summary>
internal sealed class AppKeyBudgets
{
    private readonly ConcurrentDictionary<(Uri Service, string AppKey, string Of, int PerMinute, int PerHour), RateBudget> _budgets = new();

    public RateBudget ConnectionsOf(KisFeedOptions options, AppCredentials credentials) =>
        Find(options, credentials, nameof(ConnectionsOf), options.Reconnect.AttemptsPerMinute, options.Reconnect.AttemptsPerHour);

    public RateBudget RegistrationsOf(KisFeedOptions options, AppCredentials credentials) =>
        Find(options, credentials, nameof(RegistrationsOf), options.NewRegistrationsPerMinute, options.NewRegistrationsPerHour);

    private RateBudget Find(KisFeedOptions options, AppCredentials credentials, string of, int perMinute, int perHour) =>
        _budgets.GetOrAdd((KisEndpoints.WebSocketOf(options), credentials.AppKey, of, perMinute, perHour), static key => new RateBudget(key.PerMinute, key.PerHour));
}
