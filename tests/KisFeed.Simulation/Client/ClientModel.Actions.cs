using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

// Executes the actions of the sessions.
internal sealed partial class ClientModel : ISessionActions
{
    private ClientConnection? _lost;

    public void Connect(SessionMachine session, long connection, bool freshKey)
    {
        var simulated = TraceAction(session, $"connects, attempt {connection}{(freshKey ? " with a fresh key" : "")}");
        Invariant.Holds(simulated.Connection is null, "one connection", $"{simulated} connects although it has connection {simulated.Connection}");
        Invariant.Holds(connection > simulated.LastConnection, "one connection", $"{simulated} uses the number {connection} twice");
        Invariant.Holds(!session.Settings.NeedsPermit || simulated.Grants-- == 1, "permit", $"{simulated} connects without permission");
        simulated.Attempts.OnAttempt(simulated, freshKey, _clock.Now);
        simulated.LastConnection = connection;
        simulated.Timer = null;
        var clientConnection = new ClientConnection(simulated, connection, _clock, _random, OnArrived, OnServerClosed);
        simulated.Connection = clientConnection;
        _clock.After(_random.NextBool(0.8) ? _random.NextMilliseconds(5, 200) : _random.NextSeconds(0.2, 8), () => OnConnectCompleted(clientConnection, freshKey));
    }

    public void Disconnect(SessionMachine session, long connection, bool isDead)
    {
        var simulated = TraceAction(session, $"disconnects {connection}{(isDead ? " as dead" : "")}");
        Invariant.Holds(simulated.Connection is { } present && present.Number == connection, "one connection", $"{simulated} disconnects connection {connection}, but has {simulated.Connection}");
        var clientConnection = simulated.Connection!;
        simulated.Connection = null;
        if (clientConnection.Server is not { } server)
            return;
        _lost = clientConnection;
        clientConnection.IsOpen = false;
        if (!server.IsSilent)
            _clock.After(isDead ? _random.NextSeconds(0.1, 5) : _random.NextMilliseconds(1, 40), () => _broker.OnClientClosed(server));
    }

    public void Send(SessionMachine session, ReadOnlySpan<byte> text)
    {
        var simulated = _byMachine[session];
        var connection = simulated.Connection;
        Invariant.Holds(!_step.IsEarlier, "earlier connections", $"{simulated} sends something because of an earlier connection");
        Invariant.Holds(!session.Settings.NeedsPermit || simulated.MaySend, "permit", $"{simulated} sends without permission");
        Invariant.Holds(connection is { IsOpen: true }, "open connection", $"{simulated} sends while no connection is open");
        if (connection.Heartbeat is { } heartbeat && text.SequenceEqual(heartbeat))
        {
            TraceAction(session, "answers the heartbeat");
            connection.Heartbeat = null;
            connection.SendUp(ModelBroker.OnHeartbeatAnswered);
            return;
        }

        Invariant.Holds(Request.TryParse(text.ToArray(), out var request, out var refusal), "requests", $"{simulated} sends an invalid request: {refusal}");
        TraceAction(session, $"sends a request: {request.Type} {request.TrId}:{request.TrKey}");
        OnRequest(simulated, connection, request);
    }

    public void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent) => Invariant.Holds(false, "server events", "the broker sends none");

    public void SetTimer(SessionMachine session, TimeSpan dueAt)
    {
        var simulated = _byMachine[session];
        Invariant.Holds(!_step.IsEarlier, "earlier connections", $"{simulated} sets its timer because of an earlier connection");
        if (simulated.Timer == dueAt)
            return;
        simulated.Timer = dueAt;
        var version = ++simulated.TimerVersion;
        var offset = _faults.Occurs(SimulatedFaults.Timers, 2) ? _random.NextMilliseconds(-5, 300) : TimeSpan.Zero;
        var firesIfReplaced = _faults.Occurs(SimulatedFaults.Timers);
        var at = dueAt + offset;
        _clock.At(at > _clock.Now ? at : _clock.Now, () => TimerDue(simulated, version, firesIfReplaced));
    }

    public void Connected(SessionMachine session)
    {
        var simulated = TraceAction(session, "is connected");
        Invariant.Holds(simulated.Connection is { IsOpen: true }, "open connection", $"{simulated} reports that it is connected, but has {simulated.Connection}");
    }

    public void Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        Invariant.Holds(registrations.Length > 0, "delivered once", "a frame is delivered without a registration");
        foreach (var registration in registrations)
        {
            Invariant.Holds(registrations.Count(registration) == 1, "delivered once", $"a frame is delivered to {registration} twice");
            Deliver(registration, frame, shape, receivedAt);
        }
    }

    public void DeliverMalformed(ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        Invariant.Holds(registrations.Length > 0, "delivered once", "a malformed frame is reported without a registration");
        foreach (var registration in registrations)
            DeliverMalformed(registration, error);
    }

    private void Deliver(Registration registration, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var session = TraceAction(registration.Session, $"delivers to {registration}");
        Invariant.Holds(receivedAt == _step.ReceivedAt, "time of receipt", $"{registration} received a frame with a wrong time of receipt");
        _step.Delivered.Add(registration);
        session.Connection!.HasData = true;
        session.Attempts.OnData();
        StreamChecks.OnFrame(session, registration, frame, shape);
    }

    private void DeliverMalformed(Registration registration, in FrameError error)
    {
        TraceAction(registration.Session, $"reports a frame to {registration}: {error.Kind}");
        _step.Malformed.Add(registration);
        if (Subscribers.Of(registration) is { Count: > 0 } subscribers)
            subscribers.IsWarned = true;
    }

    public void Confirmed(Registration registration)
    {
        var session = TraceAction(registration.Session, $"confirms {registration}");
        Invariant.Holds(Subscribers.Of(registration) is { Count: > 0 }, "confirmed is desired", $"{registration} is confirmed although it has no subscribers");
        var subscribers = Subscribers.Of(registration)!;
        Invariant.Holds(session.Connection?.Server?.RegisteredSince(subscribers.Topic) is not null, "confirmed is held", $"{registration} is confirmed, but was never registered on {session.Connection}");
        BeginTracking(registration, subscribers);
    }

    public void Interrupted(Registration registration, InterruptionCause cause)
    {
        var session = TraceAction(registration.Session, $"interrupts {registration}: {cause}");
        _step.Interrupted.Add((registration, session, cause));
        StreamChecks.OnInterrupted(registration, cause, session);
    }

    public void Refused(Registration registration, RefusalReason reason, BrokerReply? reply)
    {
        var session = TraceAction(registration.Session, $"refuses {registration}: {reason} {reply?.Code.Value}");
        Invariant.Holds(reply?.Code.Meaning != BrokerCodeMeaning.AlreadyRegistered, "harmless answers", $"{registration} is refused although the server holds it");
        if (reason == RefusalReason.SessionHalted)
            _checks.CheckRefusedByHalt(registration, session);
        else if (reason == RefusalReason.NoReply || reply?.Code.Meaning == BrokerCodeMeaning.TryLater)
            Checks.CheckRetried(registration, session, _clock.Now);
        if (Subscribers.Of(registration) is not { } subscribers)
            return;

        // Like a program that retries.
        if (subscribers.Count > 0 && !_faults.HaveStopped && _random.NextBool(0.4))
            _clock.After(_random.NextBool(0.5) ? TimeSpan.Zero : _random.NextSeconds(0, 5), () => Subscribe(subscribers.Topic));
        EndSubscribers(subscribers);
    }

    public void Released(Registration registration)
    {
        TraceAction(registration.Session, $"released {registration}");
        if (Subscribers.Of(registration) is not { } subscribers)
            return;
        Invariant.Holds(_step.IsStop || subscribers.Count == 0, "desired stays", $"{registration} is released although it has {subscribers.Count} subscribers");
        EndSubscribers(subscribers);
    }

    public void UnknownWidth(FeedSchema feed, in FrameShape shape)
    {
    }

    public void UnexpectedReply(SessionMachine session, BrokerReply reply) => TraceAction(session, $"did not expect {reply.Code.Value}");

    public void Lost(SessionMachine session, LossReason reason, BrokerReply? reply)
    {
        var simulated = TraceAction(session, $"lost its connection: {reason} {reply?.Code.Value}");
        Invariant.Holds(_lost?.Owner == simulated, "one connection", $"{simulated} lost a connection that it did not have");
        simulated.Attempts.OnLost(_lost, reason, reply, _clock.Now);
        _step.Lost.Add((simulated, reason));
        _lost = null;
        Checks.CheckLost(simulated);
    }

    public void Halted(SessionMachine session, HaltReason reason, BrokerReply? reply)
    {
        var simulated = TraceAction(session, $"halts: {reason}");
        Invariant.Holds(simulated.Attempts.MustHalt == reason, "halt", $"{simulated} halts for the reason {reason}; the policy says {simulated.Attempts.MustHalt?.ToString() ?? "continue"}");
    }

    public void AttemptFailed(SessionMachine session)
    {
        TraceAction(session, "idle after a failed attempt");
        Invariant.Holds(session.Phase == SessionPhase.Idle, "phases", $"a failed attempt was reported in {session.Phase}");
    }

    public void Ended(SessionMachine session) => TraceAction(session, "ended");

    private SimulatedSession TraceAction(SessionMachine session, string description)
    {
        var simulated = _byMachine[session];
        _trace?.Add(_clock.Now, $"  {simulated} {description}");
        Invariant.Holds(!_step.IsEarlier, "earlier connections", $"{simulated} {description}, because of an earlier connection");
        return simulated;
    }

    private void OnRequest(SimulatedSession session, ClientConnection connection, Request request)
    {
        var now = _clock.Now;
        var topic = _broker.Market.Topics.Find(t => t.Key == request.TrKey && t.Feed.TrId == request.TrId);
        Invariant.Holds(topic is not null, "requests", $"{session} requests {request.TrId}:{request.TrKey}, to which no consumer ever subscribed");
        Invariant.Holds(session.LastRequest is not { } last || now - last >= _plan.Settings.RequestInterval, "pacing", $"{session} sends a request {now - (session.LastRequest ?? now)} after the one before");
        Invariant.Holds(connection.OpenRequest is not { } open || now - open.SentAt >= _plan.Settings.ReplyTimeout, "one request", $"{session} sends a request for {topic} while the one for {connection.OpenRequest?.Topic} is open");
        session.LastRequest = now;
        connection.OpenRequest = (topic, request.Type, now);
        var registration = session.Machine.Registrations.FirstOrDefault(r => r.Feed == topic.Feed && r.Key == topic.Key);
        var subscribers = registration is null ? null : Subscribers.Of(registration);
        if (request.Type == RequestType.Register && subscribers is not { IsTracking: true })
            session.RegistrationBudget.OnRegister(session, now);
        if (subscribers is not null)
        {
            subscribers.RequestedSince ??= _clock.Now;
            subscribers.IsReleaseSent |= request.Type == RequestType.Release;
        }

        if (_faults.Occurs(SimulatedFaults.LostAnswers))
            _trace?.Add(now, "  and the request is lost");
        else
            connection.SendUp(server => _broker.OnRequest(server, request));
    }

    private void TimerDue(SimulatedSession session, int version, bool firesIfReplaced)
    {
        var isReplaced = session.TimerVersion != version || session.Timer is null;
        if (isReplaced && !firesIfReplaced)
            return;
        if (!isReplaced)
            session.Timer = null;
        Raise(session, $"{session}: the timer is due", () => session.Machine.TimerDue(_clock.Now));
        if (session.Machine.Phase == SessionPhase.Open)
            Invariant.Holds(_clock.Now - session.Connection!.LastInbound < _plan.Settings.WatchdogTimeout, "watchdog", $"{session} keeps connection {session.Connection} although nothing has arrived for {_clock.Now - session.Connection.LastInbound}");
    }

    private void BeginTracking(Registration registration, Subscribers subscribers)
    {
        subscribers.IsReleaseSent = false;
        subscribers.IsRestored = true;
        subscribers.RequestedSince = null;
        subscribers.PreviousSessions.Clear();
        if (subscribers.IsTracking)
            return;
        subscribers.IsTracking = true;
        var connection = _byMachine[registration.Session].Connection!;
        var server = connection.Server!;
        var before = Math.Max(subscribers.Last ?? 0, connection.Arrived.GetValueOrDefault(subscribers.Topic));
        var mayBelongToAnotherRequest = (_plan.Faults & (SimulatedFaults.LateAnswers | SimulatedFaults.DuplicateAnswers)) != SimulatedFaults.None;
        if (server.Registrations.TryGetValue(subscribers.Topic, out var held))
            subscribers.Last = Math.Max(before, held.Since);
        else if (mayBelongToAnotherRequest)
            subscribers.Last = null;
        else
            subscribers.Last = Math.Max(before, server.RegisteredSince(subscribers.Topic) ?? 0);
    }

    private void EndSubscribers(Subscribers subscribers)
    {
        if (subscribers.Count > 0)
            Desired.Remove(subscribers.Topic);
        subscribers.EndAll();
    }
}
