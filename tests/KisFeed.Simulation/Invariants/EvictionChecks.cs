using KisFeed.Session;
using KisFeed.Simulation.Client;

namespace KisFeed.Simulation.Invariants;

/// <summary>
/// Checks that a registration loses its slot only to a higher priority, that its subscribers know it, and that it gets a slot again in its
/// turn.
/// </summary>
internal sealed class EvictionChecks(IReadOnlyList<SimulatedSession> sessions)
{
    private readonly Dictionary<Registration, int> _waiting = [];
    private int _evictions;

    public void AfterStep(Step step)
    {
        CheckCauses(step);
        foreach (var session in sessions)
        {
            foreach (var registration in session.Machine.Registrations)
                Check(session, registration);
        }

        CheckTurns(step);
    }

    /// <summary>
    /// Describes an evicted registration that should have a slot, because one is free or a registration with a lower priority has it.
    /// </summary>
    public string? FindUnsettled(SessionGroup group)
    {
        foreach (var registration in sessions.SelectMany(s => s.Machine.Registrations).Where(r => r.IsEvicted))
        {
            if (registration.State != RegistrationState.Queued)
                return $"the server holds {registration}, which is evicted: {registration.State}";
            foreach (var session in CandidatesFor(registration, group))
            {
                if (HasFreeSlot(session))
                    return $"{registration} is evicted although {session} has a free slot";
                if (FindLower(session, registration.Priority) is { } lower)
                    return $"{registration} with priority {registration.Priority} is evicted, {lower} with {lower.Priority} is not";
            }
        }

        return null;
    }

    /// <summary>A registration of a session that has a slot and a lower priority.</summary>
    public static Registration? FindLower(SimulatedSession session, int priority) =>
        session.Machine.Registrations.FirstOrDefault(
            r => r is { SubscriberCount: > 0, IsEvicted: false } && Subscribers.Of(r)!.Priority < priority);

    public static bool HasFreeSlot(SimulatedSession session) =>
        session.Machine.Registrations.Count(r => r is { SubscriberCount: > 0, IsEvicted: false })
            < session.Machine.Settings.MaxRegistrations;

    private static void CheckCauses(Step step)
    {
        foreach (var (registration, session, priority) in step.Evicted)
        {
            Invariant.Holds(
                session.Machine.Registrations.Any(
                    r => r is { SubscriberCount: > 0, IsEvicted: false } && Subscribers.Of(r)!.Priority > priority),
                "only a higher priority evicts",
                $"{registration} with priority {priority} is evicted, and no registration of {session} has a higher one");
            Invariant.Holds(
                FindLower(session, priority) is null,
                "the lowest priority is evicted",
                $"{registration} with priority {priority} is evicted before {FindLower(session, priority)}");
        }
    }

    private static void Check(SimulatedSession session, Registration registration)
    {
        if (Subscribers.Of(registration) is not { Count: > 0 } subscribers)
        {
            Invariant.Holds(!registration.IsEvicted, "evictions are told", $"{registration} is evicted without subscribers");
            return;
        }

        Invariant.Holds(
            registration.Priority == subscribers.Priority,
            "priorities",
            $"{registration} has priority {registration.Priority}, its subscribers have {subscribers.Priority}");
        Invariant.Holds(
            subscribers.IsEvicted || !registration.IsEvicted, "evictions are told", $"{registration} is evicted, and nobody was notified");
        Invariant.Holds(
            !subscribers.IsEvicted || !registration.IsConfirmed, "restorations are told", $"{registration} is restored unnoticed");
        Invariant.Holds(
            !registration.IsEvicted || !HasFreeSlot(session),
            "no free slot",
            $"{registration} is evicted although {session} has a free slot");
    }

    // Of those that wait in a session, the highest priority comes first, and then the one that waits longest.
    private void CheckTurns(Step step)
    {
        foreach (var (registration, _, _) in step.Evicted)
            _waiting[registration] = ++_evictions;
        foreach (var (registration, eviction) in _waiting.ToArray())
        {
            if (registration.IsEvicted)
                continue;
            _waiting.Remove(registration);
            if (registration.SubscriberCount == 0 || registration.State == RegistrationState.Ended)
                continue;
            foreach (var (other, earlier) in _waiting)
            {
                var isPassed = other.IsEvicted
                    && other.Session == registration.Session
                    && (other.Priority > registration.Priority
                        || (other.Priority == registration.Priority && other.Feed.IsNotice == registration.Feed.IsNotice
                            && earlier < eviction));
                Invariant.Holds(!isPassed, "turns", $"{registration} gets a slot before {other}");
            }
        }
    }

    private IEnumerable<SimulatedSession> CandidatesFor(Registration registration, SessionGroup group)
    {
        var only = group.SessionOf(registration.Feed, registration.Key);
        return sessions.Where(s => s.Machine == registration.Session
            || (only is null
                && s.Machine.Phase != SessionPhase.Halted
                && !registration.RefusedBy.Contains(s.Machine)
                && !s.Machine.Registrations.Any(r => r.Feed == registration.Feed && r.Key == registration.Key)));
    }
}
