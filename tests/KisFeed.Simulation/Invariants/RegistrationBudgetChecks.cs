using KisFeed.Session;
using KisFeed.Simulation.Client;

namespace KisFeed.Simulation.Invariants;

/// <summary>Checks that a session keeps the limit of new registrations; the broker blocks app keys that exceed it.</summary>
internal sealed class RegistrationBudgetChecks(SessionSettings settings)
{
    private readonly List<TimeSpan> _registered = [];

    /// <summary>Called when a session requests a registration that was not confirmed.</summary>
    public void OnRegister(SimulatedSession session, TimeSpan now)
    {
        _registered.Add(now);
        CheckBudget(session, TimeSpan.FromMinutes(1), settings.NewRegistrationsPerMinute, now);
        CheckBudget(session, TimeSpan.FromHours(1), settings.NewRegistrationsPerHour, now);
    }

    /// <summary>Whether the limit is currently reached.</summary>
    public bool IsExhausted(TimeSpan now) =>
        CountSince(now - TimeSpan.FromMinutes(1)) >= settings.NewRegistrationsPerMinute
        || CountSince(now - TimeSpan.FromHours(1)) >= settings.NewRegistrationsPerHour;

    /// <summary>Whether a new registration can be requested now, besides those that the session has queued.</summary>
    public bool HasRoom(SimulatedSession session, TimeSpan now)
    {
        var queued = session.Machine.Registrations.Count(
            r => r is { State: RegistrationState.Queued, IsEvicted: false }
                && Subscribers.Of(r) is not { IsTracking: true, IsEvicted: false });
        return settings.NewRegistrationsPerMinute - CountSince(now - TimeSpan.FromMinutes(1)) > queued
            && settings.NewRegistrationsPerHour - CountSince(now - TimeSpan.FromHours(1)) > queued;
    }

    private void CheckBudget(SimulatedSession session, TimeSpan window, int limit, TimeSpan now)
    {
        var count = CountSince(now - window);
        Invariant.Holds(
            count <= limit, "registration budget", $"{session} requested {count} new registrations within {window}; {limit} are allowed");
    }

    private int CountSince(TimeSpan time)
    {
        var count = 0;
        for (var i = _registered.Count - 1; i >= 0 && _registered[i] > time; i--)
            count++;
        return count;
    }
}
