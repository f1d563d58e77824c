using KisFeed.Session;
using KisFeed.Simulation.Client;

namespace KisFeed.Simulation.Invariants;

/// <summary>Whether a session asks for new registrations no more often than it may: what the broker blocks app keys for.</summary>
internal sealed class ConductChecks(SessionSettings settings)
{
    private readonly List<TimeSpan> _registered = [];

    /// <summary>A registration is asked for that has never stood.</summary>
    public void Registered(SimulatedSession session, TimeSpan now)
    {
        _registered.Add(now);
        Within(session, TimeSpan.FromMinutes(1), settings.NewRegistrationsPerMinute, now);
        Within(session, TimeSpan.FromHours(1), settings.NewRegistrationsPerHour, now);
    }

    /// <summary>Whether none may be asked for now.</summary>
    public bool IsUsedUp(TimeSpan now) =>
        CountSince(now - TimeSpan.FromMinutes(1)) >= settings.NewRegistrationsPerMinute || CountSince(now - TimeSpan.FromHours(1)) >= settings.NewRegistrationsPerHour;

    private void Within(SimulatedSession session, TimeSpan window, int limit, TimeSpan now)
    {
        var made = CountSince(now - window);
        Invariant.Holds(made <= limit, "registration budget", $"{session} has asked for {made} new registrations within {window}; {limit} are allowed");
    }

    private int CountSince(TimeSpan time)
    {
        var count = 0;
        for (var i = _registered.Count - 1; i >= 0 && _registered[i] > time; i--)
            count++;
        return count;
    }
}
