using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Client;

namespace KisFeed.Simulation.Invariants;

/// <summary>What must hold after every step.</summary>
internal sealed class Checks(IReadOnlyList<SimulatedSession> sessions, Dictionary<Topic, Registration> wanted)
{
    private const int RestorationAttempts = 10;

    private static readonly TimeSpan s_longestRetryDelay = TimeSpan.FromSeconds(60);

    private readonly List<Registration> _expected = [];

    public KeyChecks Keys { get; } = new();

    public void AfterStep(Step step, TimeSpan now)
    {
        foreach (var session in sessions)
            Check(session, now);
        Desired();
        Causes(step);
        if (step is { Session.Link: { IsOpen: true } link, IsOld: false, Message: { IsHeartbeat: true } })
            Invariant.Holds(link.Heartbeat is null, "heartbeats", $"the heartbeat of {link} is not answered");
        if (step is { Session: { } receiver, IsOld: false, Message: { Frame: { } frame, IsOversized: false } })
            Routed(receiver, frame, step);
        Keys.Check(sessions);
    }

    /// <summary>Nobody could have a registration: then every session that may is over or full.</summary>
    public void NoRoom(Topic topic, SessionGroup group, TimeSpan now)
    {
        var only = group.SessionOf(topic.Feed, topic.Key);
        foreach (var session in sessions)
        {
            var machine = session.Machine;
            var isCandidate = only is null || only == machine;
            Invariant.Holds(!isCandidate || machine.Phase == SessionPhase.Halted || machine.RecordFilter >= machine.Settings.MaxRegistrations || session.Conduct.IsUsedUp(now), "room", $"{session} has room for {topic}, which was turned away");
        }
    }

    /// <summary>A connection is lost: everybody whose data it brought knows.</summary>
    public static void Lost(SimulatedSession session)
    {
        foreach (var registration in session.Machine.Registrations)
        {
            if (Subscribers.Of(registration) is { IsTracking: true } subscribers)
                Invariant.Holds(subscribers.IsInterrupted, "no silent gap", $"the connection of {registration} is lost, and nobody said that data may be missing");
        }
    }

    /// <summary>A registration is refused because its session halts: then no other could take it.</summary>
    public void RefusedByHalt(Registration registration, SimulatedSession halted)
    {
        if (registration.Feed.IsNotice || Subscribers.Of(registration) is not { Count: > 0, HasMoved: false })
            return;
        foreach (var session in sessions)
        {
            var machine = session.Machine;
            var canTake = session != halted && machine.Phase != SessionPhase.Halted && machine.RecordFilter < machine.Settings.MaxRegistrations
                && !machine.Registrations.Any(r => r.Feed == registration.Feed && r.Key == registration.Key);
            Invariant.Holds(!canTake, "moves", $"{registration} is refused because {halted} halts, although {session} has room for it");
        }
    }

    /// <summary>A registration is refused because of what may pass: then it never stood, or was tried again often, or its place is not to be had.</summary>
    public static void GivenUp(Registration registration, SimulatedSession session)
    {
        var isPatient = Subscribers.Of(registration) is not { IsTracking: true } subscribers || subscribers.Requests >= RestorationAttempts;
        var isWithoutPlace = session.Machine.Registrations.Count(r => r.IsOnWire) >= session.Machine.Settings.MaxRegistrations;
        Invariant.Holds(isPatient || isWithoutPlace, "patience", $"{registration} stood, and is given up although only little was tried");
    }

    private static void Check(SimulatedSession session, TimeSpan now)
    {
        var machine = session.Machine;
        Invariant.Holds(machine.RecordFilter <= machine.Settings.MaxRegistrations, "registration limit", $"{session} has {machine.RecordFilter} registrations");
        Invariant.Holds(machine.Registrations.Count(r => r.IsOnWire) <= machine.Settings.MaxRegistrations, "registration limit", $"{session} has more registrations on the wire than it may");
        Invariant.Holds(session.Attempts.MustHalt is null || machine.Phase == SessionPhase.Halted, "halt", $"{session} goes on although it must halt: {session.Attempts.MustHalt}");
        switch (machine.Phase)
        {
            case SessionPhase.Halted:
                Invariant.Holds(machine.Registrations.Count == 0 && machine.NextAttemptAt is null, "halt", $"{session} has halted and still holds registrations or plans an attempt");
                break;
            case SessionPhase.Idle:
                Invariant.Holds(machine.RecordFilter == 0, "desired is pursued", $"{session} does nothing although something is wanted of it");
                break;
            case SessionPhase.Waiting:
                Invariant.Holds(session.Timer is not null && session.Timer == machine.NextAttemptAt, "timer", $"{session} waits without a timer");
                break;
            case SessionPhase.Connecting:
                Invariant.Holds(session.Link is { IsOpen: false }, "one connection", $"{session} believes that it connects");
                break;
            case SessionPhase.Open:
                Invariant.Holds(session.Link is { IsOpen: true }, "one connection", $"{session} believes that it is connected");
                Invariant.Holds(session.Timer <= session.Link.LastInbound + machine.Settings.WatchdogTimeout, "timer", $"{session} does not watch its connection");
                Invariant.Holds(session.Link.OpenRequest is not null || !machine.Registrations.Any(r => r.State is RegistrationState.Registering or RegistrationState.Releasing), "answers are heard", $"{session} waits for an answer that it was given");
                Invariant.Holds(session.Timer <= now + s_longestRetryDelay || !machine.Registrations.Any(MustBeAskedFor), "timer", $"{session} does not plan to ask again for what failed");
                break;
        }
    }

    private static bool MustBeAskedFor(Registration registration) => registration.State is RegistrationState.Queued or RegistrationState.Unanswered;

    // What is wanted is what the sessions are after, each in one of them.
    private void Desired()
    {
        var desired = 0;
        foreach (var session in sessions)
        {
            foreach (var registration in session.Machine.Registrations)
            {
                var subscribers = Subscribers.Of(registration);
                Invariant.Holds(registration.Demand == (subscribers?.Count ?? 0), "desired stays", $"{registration} is wanted by {subscribers?.Count ?? 0}, {session} believes by {registration.Demand}");
                Invariant.Holds(registration.Session == session.Machine, "desired stays", $"{registration} does not know its session");
                Invariant.Holds(registration.State != RegistrationState.Ended, "desired stays", $"{registration} has ended and is still there");
                Invariant.Holds(!registration.IsConfirmed || registration.Demand == 0 || subscribers!.IsTracking, "confirmed is told", $"{registration} is confirmed, and nobody was told");
                if (registration.Demand > 0)
                    desired++;
                if (subscribers is not null && subscribers.Session != session)
                {
                    Invariant.Holds(!subscribers.IsTracking || subscribers.IsInterrupted, "no silent gap", $"{registration} has moved to {session}, and nobody said that data may be missing");
                    subscribers.Left.Add(subscribers.Session);
                    Invariant.Holds(!subscribers.Left.Contains(session), "moves", $"{registration} is moved to and fro: {session} had given it up already");
                    subscribers.Session = session;
                    subscribers.HasMoved = true;
                }
            }
        }

        Invariant.Holds(desired == wanted.Count, "desired stays", $"{wanted.Count} registrations are wanted, and the sessions know of {desired}");
    }

    private static void Causes(Step step)
    {
        foreach (var (registration, session, cause) in step.Interrupted)
        {
            if (cause is not (InterruptionCause.ConnectionLost or InterruptionCause.Silence))
                continue;
            var isCaused = step.Lost.Exists(l => l.Session == session && l.Reason == LossReason.Silence == (cause == InterruptionCause.Silence));
            Invariant.Holds(isCaused, "gaps have causes", $"{registration} is interrupted as if its connection were lost: {cause}");
        }
    }

    // A frame goes to those whose records it holds, to each once.
    private void Routed(SimulatedSession session, FrameContent frame, Step step)
    {
        _expected.Clear();
        foreach (var registration in session.Machine.Registrations)
        {
            var isItsOwn = frame.EncryptedFor is { } holding
                ? holding.Topic.Feed == registration.Feed && registration.Cipher is { } cipher && cipher.Key.Matches(holding.Cipher.Key)
                : !frame.IsSpoilt && frame.Topics.Any(t => t.Feed == registration.Feed && t.Key == registration.Key);
            if (isItsOwn)
                _expected.Add(registration);
        }

        Invariant.Holds(step.Delivered.Count == _expected.Count && _expected.TrueForAll(step.Delivered.Contains), "routing", $"{frame} went to [{string.Join(", ", step.Delivered)}] and belongs to [{string.Join(", ", _expected)}]");
        if (_expected.Count > 0)
            return;
        foreach (var registration in session.Machine.Registrations)
        {
            var concerns = registration.Feed == frame.Topics[0].Feed && registration.IsConfirmed && (frame.IsSpoilt || frame.EncryptedFor is not null);
            Invariant.Holds(!concerns || step.Malformed.Contains(registration), "no silent loss", $"{frame} cannot be read, and {registration} was not told");
        }
    }
}
