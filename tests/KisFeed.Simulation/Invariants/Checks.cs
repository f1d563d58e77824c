using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Client;

namespace KisFeed.Simulation.Invariants;

/// <summary>The invariants that are checked after every step.</summary>
internal sealed class Checks(IReadOnlyList<SimulatedSession> sessions, Dictionary<Topic, Registration> desired)
{
    private readonly List<Registration> _expected = [];
    private readonly Dictionary<Registration, TimeSpan> _retries = [];

    public KeyChecks Keys { get; } = new();

    public EvictionChecks Evictions { get; } = new(sessions);

    public void AfterStep(Step step, TimeSpan now)
    {
        foreach (var session in sessions)
        {
            Check(session, now);
            CheckRetries(session, now);
        }

        CheckDesired();
        CheckCauses(step);
        Evictions.AfterStep(step);
        if (step is { Session.Connection: { IsOpen: true } connection, IsEarlier: false, Message: { IsHeartbeat: true } })
            Invariant.Holds(connection.Heartbeat is null, "heartbeats", $"the heartbeat of {connection} is not answered");
        if (step is { Session: { } receiver, IsEarlier: false, Message: { Frame: { } frame, IsOversized: false } }
            && !step.Lost.Exists(lost => lost.Reason == LossReason.StoodDown))
        {
            CheckRouting(receiver, frame, step);
        }
        Keys.Check(sessions);
    }

    /// <summary>
    /// Called when no session accepted a registration: every possible session must have halted or be full of other registrations with at
    /// least the same priority.
    /// </summary>
    public void CheckNoSlot(Topic topic, int priority, SessionGroup group, TimeSpan now)
    {
        var requiredSession = group.SessionOf(topic.Feed, topic.Key);
        foreach (var session in sessions)
        {
            var machine = session.Machine;
            var isCandidate = requiredSession is null || requiredSession == machine;
            Invariant.Holds(
                !isCandidate
                    || machine.Phase == SessionPhase.Halted
                    || (!EvictionChecks.HasFreeSlot(session)
                        && (EvictionChecks.FindLower(session, priority) is null || !session.RegistrationBudget.HasRoom(session, now)))
                    || session.RegistrationBudget.IsExhausted(now),
                "room",
                $"{session} has room for {topic}, which was refused");
        }
    }

    /// <summary>Called when a connection is lost: every registration that received its data must be notified.</summary>
    public static void CheckLost(SimulatedSession session)
    {
        foreach (var registration in session.Machine.Registrations)
        {
            if (Subscribers.Of(registration) is { IsTracking: true } subscribers)
            {
                Invariant.Holds(subscribers.IsInterrupted, "no silent gap",
                    $"the connection of {registration} is lost, and no subscriber was notified");
            }
        }
    }

    /// <summary>
    /// Called when a registration is refused because its session halts: no other session may have a free slot for it, or one of a
    /// registration with a lower priority.
    /// </summary>
    public void CheckRefusedByHalt(Registration registration, SimulatedSession halted)
    {
        if (registration.Feed.IsNotice || Subscribers.Of(registration) is not { Count: > 0, HasMoved: false } subscribers)
            return;
        foreach (var session in sessions)
        {
            var machine = session.Machine;
            var hasSlot = session != halted
                && machine.Phase != SessionPhase.Halted
                && (EvictionChecks.HasFreeSlot(session)
                    || (subscribers is { IsTracking: true, IsEvicted: false }
                        && EvictionChecks.FindLower(session, subscribers.Priority) is not null))
                && !machine.Registrations.Any(r => r.Feed == registration.Feed && r.Key == registration.Key);
            Invariant.Holds(!hasSlot, "moves", $"{registration} is refused because {halted} halts, although {session} has room for it");
        }
    }

    /// <summary>
    /// Called when a registration is refused for a temporary reason: it was never confirmed, was retried for as long as the
    /// policy says, or its session is full.
    /// </summary>
    public static void CheckRetried(Registration registration, SimulatedSession session, TimeSpan now)
    {
        var policy = session.Machine.Settings.Reconnect;
        var isRetriedEnough = Subscribers.Of(registration) is not { IsTracking: true } subscribers
            || !policy.IsEnabled
            || now - subscribers.RequestedSince >= policy.GiveUpAfter;
        var isFull = session.Machine.Registrations.Count(r => r.IsOnWire) >= session.Machine.Settings.MaxRegistrations;
        Invariant.Holds(isRetriedEnough || isFull, "retries", $"{registration} was confirmed and is given up after too few retries");
    }

    private static void Check(SimulatedSession session, TimeSpan now)
    {
        var machine = session.Machine;
        Invariant.Holds(
            machine.DesiredCount <= machine.Settings.MaxRegistrations,
            "registration limit",
            $"{session} has {machine.DesiredCount} registrations");
        Invariant.Holds(
            machine.Registrations.Count(r => r.IsOnWire) <= machine.Settings.MaxRegistrations,
            "registration limit",
            $"{session} has more registrations on the wire than its limit");
        Invariant.Holds(
            session.Attempts.MustHalt is null || machine.Phase == SessionPhase.Halted,
            "halt",
            $"{session} continues although it must halt: {session.Attempts.MustHalt}");
        switch (machine.Phase)
        {
            case SessionPhase.Halted:
                Invariant.Holds(
                    machine.Registrations.Count == 0 && machine.NextAttemptAt is null,
                    "halt",
                    $"{session} has halted and still holds registrations or plans an attempt");
                break;
            case SessionPhase.Idle:
                Invariant.Holds(
                    machine.DesiredCount == 0, "desired is pursued", $"{session} is idle although it has desired registrations");
                break;
            case SessionPhase.Waiting:
                Invariant.Holds(
                    machine.IsWaitingForPermit
                        ? session.IsPermitRequested
                        : session.Timer is not null && session.Timer == machine.NextAttemptAt,
                    "timer",
                    $"{session} waits without a timer");
                break;
            case SessionPhase.Connecting:
                Invariant.Holds(session.Connection is { IsOpen: false }, "one connection", $"{session} believes that it connects");
                break;
            case SessionPhase.Open:
                Invariant.Holds(session.Connection is { IsOpen: true }, "one connection", $"{session} believes that it is connected");
                Invariant.Holds(
                    session.Timer <= session.Connection.LastInbound + machine.Settings.WatchdogTimeout,
                    "timer",
                    $"{session} does not watch its connection");
                Invariant.Holds(
                    session.Connection.OpenRequest is not null
                        || !machine.Registrations.Any(r => r.State is RegistrationState.Registering or RegistrationState.Releasing),
                    "answers are processed",
                    $"{session} waits for an answer that it was given");
                Invariant.Holds(
                    session.Timer <= now + machine.Settings.Reconnect.MaxRefusedDelay
                        || !machine.Registrations.Any(r => MustBeRequested(r, session.RegistrationBudget.IsExhausted(now))),
                    "timer",
                    $"{session} does not schedule a retry of a failed request");
                break;
        }
    }

    // A refused registration is retried only if nobody is waiting for its first confirmation, and not at once.
    private void CheckRetries(SimulatedSession session, TimeSpan now)
    {
        var policy = session.Machine.Settings.Reconnect;
        foreach (var registration in session.Machine.Registrations)
        {
            if (registration is not { State: RegistrationState.Queued, RetryAt: var at } || at <= now)
            {
                _retries.Remove(registration);
                continue;
            }

            if (_retries.TryGetValue(registration, out var known) && known == at)
                continue;
            _retries[registration] = at;
            Invariant.Holds(registration.WasConfirmed, "retries", $"{registration} is retried, and nobody was told that it was refused");
            Invariant.Holds(
                at - now >= policy.InitialDelay && at - now <= policy.MaxRefusedDelay,
                "retries",
                $"{registration} is retried after {at - now}");
        }
    }

    // One that was evicted waits for the budget, which may take an hour.
    private static bool MustBeRequested(Registration registration, bool isBudgetExhausted) => registration.State switch
    {
        RegistrationState.Queued => !registration.IsEvicted
            && !(isBudgetExhausted && Subscribers.Of(registration) is { IsEvicted: true }),
        RegistrationState.Unanswered => true,
        _ => false,
    };

    // Checks that every desired registration belongs to exactly one session, and that sessions have no others.
    private void CheckDesired()
    {
        var count = 0;
        foreach (var session in sessions)
        {
            foreach (var registration in session.Machine.Registrations)
            {
                var subscribers = Subscribers.Of(registration);
                Invariant.Holds(
                    registration.SubscriberCount == (subscribers?.Count ?? 0),
                    "desired stays",
                    $"{registration} has {subscribers?.Count ?? 0} subscribers, but {registration.SubscriberCount} according to {session}");
                Invariant.Holds(registration.Session == session.Machine, "desired stays", $"{registration} does not know its session");
                Invariant.Holds(
                    registration.State != RegistrationState.Ended, "desired stays", $"{registration} has ended and is still there");
                Invariant.Holds(
                    !registration.IsConfirmed || registration.SubscriberCount == 0 || subscribers!.IsTracking,
                    "confirmed is reported",
                    $"{registration} is confirmed, and no subscriber was notified");
                if (registration.SubscriberCount > 0)
                    count++;
                if (subscribers is not null && subscribers.Session != session)
                {
                    Invariant.Holds(
                        !subscribers.IsTracking || subscribers.IsInterrupted,
                        "no silent gap",
                        $"{registration} has moved to {session}, and no subscriber was notified");
                    if (!subscribers.MayMove)
                        subscribers.PreviousSessions.Add(subscribers.Session);
                    subscribers.MayMove = false;
                    Invariant.Holds(
                        !subscribers.PreviousSessions.Contains(session),
                        "moves",
                        $"{registration} is moved back and forth: it left {session} before");
                    subscribers.Session = session;
                    subscribers.HasMoved = true;
                }
            }
        }

        Invariant.Holds(
            count == desired.Count, "desired stays", $"{desired.Count} registrations are desired, but the sessions have {count}");
    }

    private static void CheckCauses(Step step)
    {
        foreach (var (registration, session, cause) in step.Interrupted)
        {
            if (cause is not (GapReason.ConnectionLost or GapReason.Silence))
                continue;
            var isCaused = step.Lost.Exists(
                l => l.Session == session && l.Reason == LossReason.Silence == (cause == GapReason.Silence));
            Invariant.Holds(isCaused, "gaps have causes", $"{registration} is interrupted as if its connection were lost: {cause}");
        }
    }

    // Checks that a frame is delivered exactly once to each registration of its records.
    private void CheckRouting(SimulatedSession session, FrameContent frame, Step step)
    {
        _expected.Clear();
        var isReadable = false;
        foreach (var registration in session.Machine.Registrations)
        {
            var isExpected = frame.EncryptedFor is { } held
                ? held.Topic.Feed == registration.Feed && registration.Cipher is { } cipher && cipher.Key.Matches(held.Cipher.Key)
                : !frame.IsCorrupted && frame.Topics.Any(t => t.Feed == registration.Feed && t.Key == registration.Key);
            isReadable |= isExpected;
            if (isExpected && Subscribers.Of(registration) is not { IsEvicted: true })
                _expected.Add(registration);
        }

        Invariant.Holds(
            step.Delivered.Count == _expected.Count && _expected.TrueForAll(step.Delivered.Contains),
            "routing",
            $"{frame} went to [{string.Join(", ", step.Delivered)}] and belongs to [{string.Join(", ", _expected)}]");
        if (isReadable)
            return;
        foreach (var registration in session.Machine.Registrations)
        {
            var mustBeReported = registration.Feed == frame.Topics[0].Feed
                && registration.IsConfirmed
                && (frame.IsCorrupted || frame.EncryptedFor is not null);
            Invariant.Holds(
                !mustBeReported || step.Malformed.Contains(registration),
                "no silent loss",
                $"{frame} cannot be read, and {registration} was not notified");
        }
    }
}
