using System.Collections.Concurrent;
using KisFeed.Session;

namespace KisFeed;

/// <summary>
/// How often each app key may still connect and register new keys, shared by all clients that are made from the same options: a program that creates a client again after each failure does not hammer the broker either.
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
