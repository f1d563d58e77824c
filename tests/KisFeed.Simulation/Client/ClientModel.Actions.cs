using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

// Carries out the actions of the sessions.
internal sealed partial class ClientModel : ISessionActions
{
    private ClientLink? _lost;

    public void Connect(SessionMachine session, long connection, bool freshKey)
    {
        var simulated = Act(session, $"connects, attempt {connection}{(freshKey ? " with a fresh key" : "")}");
        Invariant.Holds(simulated.Link is null, "one connection", $"{simulated} connects although it has connection {simulated.Link}");
        Invariant.Holds(connection > simulated.LastConnection, "one connection", $"{simulated} uses the number {connection} twice");
        simulated.Attempts.Attempt(simulated, freshKey, _clock.Now);
        simulated.LastConnection = connection;
        simulated.Timer = null;
        var link = new ClientLink(simulated, connection, _clock, _chance, Arrived, ServerClosed);
        simulated.Link = link;
        _clock.After(_chance.Hits(0.8) ? _chance.Milliseconds(5, 200) : _chance.Seconds(0.2, 8), () => Dialled(link, freshKey));
    }

    public void Disconnect(SessionMachine session, long connection, bool isDead)
    {
        var simulated = Act(session, $"gives {connection} up{(isDead ? " as dead" : "")}");
        Invariant.Holds(simulated.Link is { } present && present.Number == connection, "one connection", $"{simulated} gives up connection {connection}, but has {simulated.Link}");
        var link = simulated.Link!;
        simulated.Link = null;
        if (link.Server is not { } server)
            return;
        _lost = link;
        link.IsOpen = false;
        if (!server.IsSilent)
            _clock.After(isDead ? _chance.Seconds(0.1, 5) : _chance.Milliseconds(1, 40), () => _broker.ClientLeft(server));
    }

    public void Send(SessionMachine session, ReadOnlySpan<byte> text)
    {
        var simulated = _byMachine[session];
        var link = simulated.Link;
        Invariant.Holds(!_step.IsOld, "earlier connections", $"{simulated} sends something because of an earlier connection");
        Invariant.Holds(link is { IsOpen: true }, "open connection", $"{simulated} sends while no connection is open");
        if (link.Heartbeat is { } heartbeat && text.SequenceEqual(heartbeat))
        {
            Act(session, "answers the heartbeat");
            link.Heartbeat = null;
            link.SendUp(ModelBroker.HeartbeatAnswered);
            return;
        }

        Invariant.Holds(Request.TryParse(text.ToArray(), out var request, out var refusal), "requests", $"{simulated} sends an invalid request: {refusal}");
        Act(session, $"asks to {request.Type} {request.TrId}:{request.TrKey}");
        Requested(simulated, link, request);
    }

    public void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent) => Invariant.Holds(false, "server events", "the broker sends none");

    public void SetTimer(SessionMachine session, TimeSpan dueAt)
    {
        var simulated = _byMachine[session];
        Invariant.Holds(!_step.IsOld, "earlier connections", $"{simulated} sets its timer because of an earlier connection");
        if (simulated.Timer == dueAt)
            return;
        simulated.Timer = dueAt;
        var version = ++simulated.TimerVersion;
        var off = _faults.Occurs(FaultKinds.Timers, 2) ? _chance.Milliseconds(-5, 300) : TimeSpan.Zero;
        var isFiredAnyway = _faults.Occurs(FaultKinds.Timers);
        var at = dueAt + off;
        _clock.At(at > _clock.Now ? at : _clock.Now, () => TimerDue(simulated, version, isFiredAnyway));
    }

    public void Connected(SessionMachine session)
    {
        var simulated = Act(session, "is connected");
        Invariant.Holds(simulated.Link is { IsOpen: true }, "open connection", $"{simulated} says that it is connected, and has {simulated.Link}");
    }

    public void Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        Invariant.Holds(registrations.Length > 0, "delivered once", "a frame is delivered to nobody");
        foreach (var registration in registrations)
        {
            Invariant.Holds(registrations.Count(registration) == 1, "delivered once", $"a frame is delivered to {registration} twice");
            Deliver(registration, frame, shape, receivedAt);
        }
    }

    public void DeliverMalformed(ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        Invariant.Holds(registrations.Length > 0, "delivered once", "a frame that cannot be read is reported to nobody");
        foreach (var registration in registrations)
            DeliverMalformed(registration, error);
    }

    private void Deliver(Registration registration, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var session = Act(registration.Session, $"delivers to {registration}");
        Invariant.Holds(receivedAt == _step.ReceivedAt, "time of receipt", $"{registration} received a frame with a wrong time of receipt");
        _step.Delivered.Add(registration);
        session.Link!.HasData = true;
        session.Attempts.DataArrived();
        StreamChecks.Deliver(session, registration, frame, shape);
    }

    private void DeliverMalformed(Registration registration, in FrameError error)
    {
        Act(registration.Session, $"reports a frame to {registration}: {error.Kind}");
        _step.Malformed.Add(registration);
        if (Subscribers.Of(registration) is { Count: > 0 } subscribers)
            subscribers.IsWarned = true;
    }

    public void Confirmed(Registration registration)
    {
        var session = Act(registration.Session, $"confirms {registration}");
        Invariant.Holds(Subscribers.Of(registration) is { Count: > 0 }, "confirmed is desired", $"{registration} is confirmed although it has no subscribers");
        var subscribers = Subscribers.Of(registration)!;
        Invariant.Holds(session.Link?.Server?.RegisteredSince(subscribers.Topic) is not null, "confirmed is held", $"{registration} is confirmed, but was never registered on {session.Link}");
        BeginTracking(registration, subscribers);
    }

    public void Interrupted(Registration registration, InterruptionCause cause)
    {
        var session = Act(registration.Session, $"interrupts {registration}: {cause}");
        _step.Interrupted.Add((registration, session, cause));
        StreamChecks.Interrupt(registration, cause, session);
    }

    public void Refused(Registration registration, RefusalReason reason, BrokerReply? reply)
    {
        var session = Act(registration.Session, $"refuses {registration}: {reason} {reply?.Code.Value}");
        Invariant.Holds(reply?.Code.Meaning != BrokerCodeMeaning.AlreadyRegistered, "harmless answers", $"{registration} is refused although the server holds it");
        if (reason == RefusalReason.SessionHalted)
            _checks.RefusedByHalt(registration, session);
        else if (reason == RefusalReason.NoReply || reply?.Code.Meaning == BrokerCodeMeaning.TryLater)
            Checks.GivenUp(registration, session);
        if (Subscribers.Of(registration) is not { } subscribers)
            return;

        // As programs do that retry.
        if (subscribers.Count > 0 && !_faults.HaveStopped && _chance.Hits(0.4))
            _clock.After(_chance.Hits(0.5) ? TimeSpan.Zero : _chance.Seconds(0, 5), () => Subscribe(subscribers.Topic));
        Left(subscribers);
    }

    public void Released(Registration registration)
    {
        Act(registration.Session, $"has released {registration}");
        if (Subscribers.Of(registration) is not { } subscribers)
            return;
        Invariant.Holds(_step.IsStop || subscribers.Count == 0, "desired stays", $"{registration} is released although it has {subscribers.Count} subscribers");
        Left(subscribers);
    }

    public void UnknownWidth(FeedSchema feed, in FrameShape shape)
    {
    }

    public void UnexpectedReply(SessionMachine session, BrokerReply reply) => Act(session, $"did not expect {reply.Code.Value}");

    public void Lost(SessionMachine session, LossReason reason, BrokerReply? reply)
    {
        var simulated = Act(session, $"has lost its connection: {reason} {reply?.Code.Value}");
        Invariant.Holds(_lost?.Owner == simulated, "one connection", $"{simulated} has lost a connection that it did not have");
        simulated.Attempts.Lost(_lost, reason, reply, _clock.Now);
        _step.Lost.Add((simulated, reason));
        _lost = null;
        Checks.Lost(simulated);
    }

    public void Halted(SessionMachine session, HaltReason reason, BrokerReply? reply)
    {
        var simulated = Act(session, $"halts: {reason}");
        Invariant.Holds(simulated.Attempts.MustHalt == reason, "halt", $"{simulated} halts for the reason {reason}; the policy says {simulated.Attempts.MustHalt?.ToString() ?? "continue"}");
    }

    public void Ended(SessionMachine session) => Act(session, "has ended");

    private SimulatedSession Act(SessionMachine session, string what)
    {
        var simulated = _byMachine[session];
        _trace?.Add(_clock.Now, $"  {simulated} {what}");
        Invariant.Holds(!_step.IsOld, "earlier connections", $"{simulated} {what}, because of an earlier connection");
        return simulated;
    }

    private void Requested(SimulatedSession session, ClientLink link, Request request)
    {
        var now = _clock.Now;
        var topic = _broker.Market.Topics.Find(t => t.Key == request.TrKey && t.Feed.TrId == request.TrId);
        Invariant.Holds(topic is not null, "requests", $"{session} asks for {request.TrId}:{request.TrKey}, which no consumer ever requested");
        Invariant.Holds(session.LastRequest is not { } last || now - last >= _plan.Settings.RequestInterval, "pacing", $"{session} sends a request {now - (session.LastRequest ?? now)} after the one before");
        Invariant.Holds(link.OpenRequest is not { } open || now - open.SentAt >= _plan.Settings.ReplyTimeout, "one request", $"{session} sends a request for {topic} while the one for {link.OpenRequest?.Topic} is open");
        session.LastRequest = now;
        link.OpenRequest = (topic, request.Type, now);
        var registration = session.Machine.Registrations.FirstOrDefault(r => r.Feed == topic.Feed && r.Key == topic.Key);
        var subscribers = registration is null ? null : Subscribers.Of(registration);
        if (request.Type == RequestType.Register && subscribers is not { IsTracking: true })
            session.Conduct.Registered(session, now);
        if (subscribers is not null)
        {
            subscribers.Requests++;
            subscribers.IsReleaseSent |= request.Type == RequestType.Release;
        }

        if (_faults.Occurs(FaultKinds.LostAnswers))
            _trace?.Add(now, "  and the request is lost");
        else
            link.SendUp(server => _broker.Received(server, request));
    }

    private void TimerDue(SimulatedSession session, int version, bool isFiredAnyway)
    {
        var isReplaced = session.TimerVersion != version || session.Timer is null;
        if (isReplaced && !isFiredAnyway)
            return;
        if (!isReplaced)
            session.Timer = null;
        Raise(session, $"{session}: the timer is due", () => session.Machine.TimerDue(_clock.Now));
        if (session.Machine.Phase == SessionPhase.Open)
            Invariant.Holds(_clock.Now - session.Link!.LastInbound < _plan.Settings.WatchdogTimeout, "watchdog", $"{session} keeps connection {session.Link} although nothing has arrived for {_clock.Now - session.Link.LastInbound}");
    }

    private void BeginTracking(Registration registration, Subscribers subscribers)
    {
        subscribers.IsReleaseSent = false;
        subscribers.IsRestored = true;
        subscribers.Requests = 0;
        subscribers.Left.Clear();
        if (subscribers.IsTracking)
            return;
        subscribers.IsTracking = true;
        var link = _byMachine[registration.Session].Link!;
        var server = link.Server!;
        var before = Math.Max(subscribers.Last ?? 0, link.Arrived.GetValueOrDefault(subscribers.Topic));
        var mayBeOfAnother = (_plan.Faults & (FaultKinds.LateAnswers | FaultKinds.DoubledAnswers)) != FaultKinds.None;
        if (server.Held.TryGetValue(subscribers.Topic, out var held))
            subscribers.Last = Math.Max(before, held.Since);
        else if (mayBeOfAnother)
            subscribers.Last = null;
        else
            subscribers.Last = Math.Max(before, server.RegisteredSince(subscribers.Topic) ?? 0);
    }

    private void Left(Subscribers subscribers)
    {
        if (subscribers.Count > 0)
            Desired.Remove(subscribers.Topic);
        subscribers.EndAll();
    }
}
