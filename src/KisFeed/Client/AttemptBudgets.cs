using System.Collections.Concurrent;
using KisFeed.Session;

namespace KisFeed;

/// <summary>
/// The attempt budgets of app keys, shared by all clients that are made from the same options: a program that makes a client anew after each
/// failure does not hammer the broker either.
/// </summary>
internal sealed class AttemptBudgets
{
    private readonly ConcurrentDictionary<(Uri Service, string AppKey, int PerMinute, int PerHour), AttemptBudget> _budgets = new();

    public AttemptBudget Of(KisFeedOptions options, AppCredentials credentials) =>
        _budgets.GetOrAdd(
            (KisEndpoints.WebSocketOf(options), credentials.AppKey, options.Reconnect.AttemptsPerMinute, options.Reconnect.AttemptsPerHour),
            static key => new AttemptBudget(key.PerMinute, key.PerHour));
}
