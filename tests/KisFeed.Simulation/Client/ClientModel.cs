using System.Text;
using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

/// <summary>The client around the sessions: executes their actions with delays and faults, and passes events to them.</summary>
internal sealed class ClientModel : ISessionActions
{
    private static readonly DateTimeOffset s_epoch = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly SimulationPlan _plan;
    private readonly VirtualClock _clock;
    private readonly Faults _faults;
    private readonly SeededRandom _random;
    private readonly ModelBroker _broker;
    private readonly Trace? _trace;
    private readonly Dictionary<SessionMachine, SimulatedSession> _byMachine = [];
    private readonly Step _step = new();
    private readonly Checks _checks;
    private TimeSpan _wallClockOffset;
    private ClientConnection? _lost;
    private readonly SeededRandom _permitRandom;
    private readonly SeededRandom _priorityRandom;

    public ClientModel(SimulationPlan plan, VirtualClock clock, Faults faults, ModelBroker broker, Trace? trace)
    {
        _plan = plan;
        _clock = clock;
        _faults = faults;
        _broker = broker;
        _trace = trace;
        _random = new SeededRandom(plan.Seed, 4);
        _permitRandom = new SeededRandom(plan.Seed, 10);
        _priorityRandom = new SeededRandom(plan.Seed, 11);
        foreach (var account in broker.Accounts)
        {
            var settings = plan.Settings with
            {
                Name = $"{account.Number}",
                HtsId = $"ID{account.Number}",
                MaxRegistrations = plan.Limit,
                JitterSeed = plan.Settings.JitterSeed + account.Number,
            };
            var machine = new SessionMachine(settings, SimulatedFeeds.Catalog, this);
            var session = new SimulatedSession(account.Number, machine, account, plan.CheckedPolicy ?? settings.Reconnect);
            Sessions.Add(session);
            _byMachine.Add(machine, session);
        }

        Group = new SessionGroup([.. Sessions.Select(s => s.Machine)]);
        _checks = new Checks(Sessions, Desired);
        Evictions = _checks.Evictions;
    }

    public List<SimulatedSession> Sessions { get; } = [];

    public SessionGroup Group { get; }

    public EvictionChecks Evictions { get; }

    /// <summary>The registrations that have subscribers.</summary>
    public Dictionary<Topic, Registration> Desired { get; } = [];

    /// <summary>A consumer subscribes to a topic.</summary>
    public void Subscribe(Topic topic) => Subscribe(topic, _priorityRandom.Next(_plan.Priorities));

    private void Subscribe(Topic topic, int priority) => Raise(null, $"consumer: subscribes to {topic}, priority {priority}", () =>
    {
        Registration? registration = Group.TrySubscribe(topic.Feed, topic.Key, _clock.Now, priority);
        if (registration is null)
        {
            _trace?.Add(_clock.Now, "  no session has a slot for it");
            _checks.CheckNoSlot(topic, priority, Group, _clock.Now);
            return;
        }

        if (Desired.TryGetValue(topic, out var present))
            Invariant.Holds(ReferenceEquals(present, registration), "one registration", $"{topic} is registered twice");
        Desired[topic] = registration;
        if (registration.Subscribers is not Subscribers subscribers)
            registration.Subscribers = subscribers = new Subscribers(topic, _byMachine[registration.Session]);
        subscribers.Session = _byMachine[registration.Session];
        subscribers.Priorities.Add(priority);
        if (registration.IsConfirmed && !subscribers.IsTracking)
            BeginTracking(registration, subscribers);
    });

    /// <summary>A subscriber of a topic unsubscribes.</summary>
    public void Unsubscribe(Topic topic) => Raise(null, $"consumer: unsubscribes from {topic}", () =>
    {
        var registration = Desired[topic];
        var subscribers = (Subscribers)registration.Subscribers!;
        var priority = _priorityRandom.Pick(subscribers.Priorities);
        subscribers.Priorities.Remove(priority);
        if (subscribers.Count == 0)
        {
            subscribers.EndAll();
            Desired.Remove(topic);
        }

        registration.Session.Unsubscribe(registration, _clock.Now, priority);
    });

    /// <summary>Connects a session without subscriptions.</summary>
    public void Start(SimulatedSession session) => Raise(session, $"consumer: starts {session}", () => session.Machine.Start(_clock.Now));

    /// <summary>Stops all sessions.</summary>
    public void Stop()
    {
        foreach (var session in Sessions)
        {
            _trace?.Add(_clock.Now, $"consumer: stops {session}");
            _step.Begin(session, isStop: true);
            session.Machine.Stop();
            Invariant.Holds(
                session.Machine.Phase == SessionPhase.Ended && session.Machine.Registrations.Count == 0,
                "stop",
                $"{session} has registrations after its end");
            _checks.Keys.Check(Sessions);
        }
    }

    /// <summary>Injects a client fault.</summary>
    public void InjectFaults()
    {
        if (_faults.Occurs(SimulatedFaults.ClockJumps))
        {
            _wallClockOffset = _random.NextSeconds(-7_200, 7_200);
            if (_plan.MayAnswersBeOverdue && _random.NextBool(0.4))
            {
                var jump = _random.NextBool(0.5) ? _random.NextSeconds(1, 200) : _random.NextSeconds(600, 20_000);
                _trace?.Add(_clock.Now, $"clock: jumps by {jump}");
                _clock.Jump(jump);
                foreach (var paused in Sessions)
                    Raise(paused, $"{paused}: the process was paused", paused.Machine.Paused);
            }
        }

        InjectStandDown();
        if (_faults.Occurs(SimulatedFaults.Failures, 0.3))
            Fail(_random.Pick(Sessions));
        if (_faults.IsOn(SimulatedFaults.EarlierEvents) && _random.Pick(Sessions) is var session && session.LastConnection > 0)
            RaiseEarlierEvent(session);
    }

    private void Fail(SimulatedSession session)
    {
        if (session.Machine.Phase != SessionPhase.Halted)
            session.Attempts.OnEnded(HaltReason.Failed);
        Raise(session, $"client: fails and ends {session}", () => session.Machine.Fail(_clock.Now));
        _lost = null;
    }

    private void Raise(
        SimulatedSession? session, string description, Action action, bool isEarlier = false, ServerMessage? message = null,
        DateTimeOffset receivedAt = default)
    {
        _trace?.Add(_clock.Now, isEarlier ? $"{description} (of an earlier connection)" : description);
        _step.Begin(session, isEarlier, message, receivedAt);
        action();
        _checks.AfterStep(_step, _clock.Now);
    }

    private void OnConnectCompleted(ClientConnection connection, bool freshKey)
    {
        var session = connection.Owner;
        if (session.Connection != connection)
            return;
        if (GetConnectFailure(session, freshKey) is { } failure)
        {
            session.Connection = null;
            session.Attempts.OnConnectFailed(failure, _clock.Now);
            Raise(
                session,
                $"client: attempt {connection} fails, {failure}",
                () => session.Machine.ConnectFailed(connection.Number, failure, _clock.Now));
            return;
        }

        connection.IsKeyFresh = freshKey || session.ApprovalKey is null;
        if (connection.IsKeyFresh)
            session.ApprovalKey = session.Account.IssueKey(isKnown: !_faults.Occurs(SimulatedFaults.KeyLoss, 3));
        connection.IsOpen = true;
        connection.OpenedAt = connection.LastInbound = _clock.Now;
        connection.Server = _broker.Accept(session.Account, connection);
        Raise(
            session,
            $"client: {connection} opens with {session.ApprovalKey}",
            () => session.Machine.Opened(connection.Number, session.ApprovalKey!, connection.IsKeyFresh, _clock.Now));
    }

    private ConnectFailure? GetConnectFailure(SimulatedSession session, bool freshKey)
    {
        if (session.Account.HasBadCredentials && (freshKey || session.ApprovalKey is null))
            return ConnectFailure.BadCredentials;
        return _faults.Occurs(SimulatedFaults.FailedConnects, 3)
            ? _random.Pick(
                [ConnectFailure.Unreachable, ConnectFailure.Unreachable, ConnectFailure.Rejected, ConnectFailure.TooManyRequests])
            : null;
    }

    private void OnArrived(ClientConnection connection, ServerMessage message)
    {
        var session = connection.Owner;
        var receivedAt = s_epoch + _clock.Now + _wallClockOffset;
        var isEarlier = session.Connection != connection;
        if (connection.Server!.IsSilent || (isEarlier && !_faults.IsOn(SimulatedFaults.EarlierEvents)))
            return;
        if (!isEarlier)
        {
            connection.LastInbound = _clock.Now;
            TrackMessage(connection, message);
        }

        Raise(session, $"{connection} receives {message}", () => Dispatch(connection, message, receivedAt), isEarlier, message, receivedAt);
    }

    private void Dispatch(ClientConnection connection, ServerMessage message, DateTimeOffset receivedAt)
    {
        if (message.IsOversized)
            connection.Owner.Machine.OversizedReceived(connection.Number, message.Bytes, receivedAt, _clock.Now);
        else
            connection.Owner.Machine.TextReceived(connection.Number, message.Bytes, receivedAt, _clock.Now);
    }

    // Records what a message means for the next steps of the session.
    private static void TrackMessage(ClientConnection connection, ServerMessage message)
    {
        if (message.IsHeartbeat)
            connection.Heartbeat = message.Bytes;
        for (var i = 0; i < message.Frame?.Topics.Count; i++)
            connection.Arrived[message.Frame.Topics[i]] = message.Frame.Numbers[i];
        if (message.Answer is not { } answer
            || connection.OpenRequest is not { } request
            || !IsAnswerTo(answer, request.Topic, request.Type))
        {
            return;
        }
        connection.OpenRequest = null;

        // A session that has to stand down does not read the answer.
        var isRead = !connection.Owner.Machine.Settings.NeedsPermit || connection.Owner.MaySend;
        if (isRead
            && request.Type == RequestType.Register
            && answer.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.AlreadyRegistered)
        {
            connection.Owner.Attempts.OnAccepted();
        }
    }

    private static bool IsAnswerTo(Answer answer, Topic topic, RequestType type) =>
        (answer.Request is null ? !answer.IsSuccess : answer.Request == topic) && answer.Code.Value switch
        {
            "OPSP0000" or "OPSP0002" => type == RequestType.Register,
            "OPSP0001" or "OPSP0003" => type == RequestType.Release,
            _ => true,
        };

    private void OnServerClosed(ClientConnection connection)
    {
        var session = connection.Owner;
        var isEarlier = session.Connection != connection;
        if (connection.Server!.IsSilent || (isEarlier && !_faults.IsOn(SimulatedFaults.EarlierEvents)))
            return;
        if (!isEarlier)
        {
            connection.IsOpen = false;
            session.Connection = null;
            _lost = connection;
        }

        Raise(session, $"{connection} is closed", () => session.Machine.Closed(connection.Number, _clock.Now), isEarlier);
    }

    private void RaiseEarlierEvent(SimulatedSession session)
    {
        var now = _clock.Now;
        var machine = session.Machine;
        var isLast = session.Connection is null || session.Connection.Number != session.LastConnection;
        var last = isLast ? session.LastConnection : session.LastConnection - 1;
        if (last < 1)
            return;
        var number = _random.NextBool(0.6) ? last : _random.NextBetween(1, (int)last);
        var topic = _random.Pick(_broker.Market.Topics);
        var text = _random.Pick(
        [
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"","output":"""
                + """{"iv":"oldoldoldoldoldi","key":"oldoldoldoldoldoldoldoldoldoldol"} } }""",
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":""}}""",
            """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":""}}""",
            """{"header":{"tr_id":"PINGPONG","datetime":"20261120000000"}}""",
            $"0|{topic.Feed.TrId}|001|{topic.Key}^1^0/0",
            "garbage",
        ]);
        switch (_random.Next(5))
        {
            case 0:
                Raise(session, $"{session.Number}/{number} opens", () => machine.Opened(number, "an old key", true, now), isEarlier: true);
                break;
            case 1:
                Raise(
                    session,
                    $"{session.Number}/{number} fails",
                    () => machine.ConnectFailed(number, _random.Pick(Enum.GetValues<ConnectFailure>()), now),
                    isEarlier: true);
                break;
            case 2:
                Raise(session, $"{session.Number}/{number} is closed", () => machine.Closed(number, now), isEarlier: true);
                break;
            case 3:
                Raise(
                    session,
                    $"{session.Number}/{number} receives {text}",
                    () => machine.TextReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now),
                    isEarlier: true);
                break;
            default:
                Raise(
                    session,
                    $"{session.Number}/{number} receives a long {text}",
                    () => machine.OversizedReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now),
                    isEarlier: true);
                break;
        }
    }

    // Executes the actions of the sessions.

    public void Connect(SessionMachine session, long connection, bool freshKey)
    {
        var simulated = TraceAction(session, $"connects, attempt {connection}{(freshKey ? " with a fresh key" : "")}");
        Invariant.Holds(
            simulated.Connection is null, "one connection", $"{simulated} connects although it has connection {simulated.Connection}");
        Invariant.Holds(connection > simulated.LastConnection, "one connection", $"{simulated} uses the number {connection} twice");
        Invariant.Holds(!session.Settings.NeedsPermit || simulated.Grants-- == 1, "permit", $"{simulated} connects without permission");
        simulated.Attempts.OnAttempt(simulated, freshKey, _clock.Now);
        simulated.LastConnection = connection;
        simulated.Timer = null;
        var clientConnection = new ClientConnection(simulated, connection, _clock, _random, OnArrived, OnServerClosed);
        simulated.Connection = clientConnection;
        _clock.After(
            _random.NextBool(0.8) ? _random.NextMilliseconds(5, 200) : _random.NextSeconds(0.2, 8),
            () => OnConnectCompleted(clientConnection, freshKey));
    }

    public void Disconnect(SessionMachine session, long connection, bool isDead)
    {
        var simulated = TraceAction(session, $"disconnects {connection}{(isDead ? " as dead" : "")}");
        Invariant.Holds(
            simulated.Connection is { } present && present.Number == connection,
            "one connection",
            $"{simulated} disconnects connection {connection}, but has {simulated.Connection}");
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

        Invariant.Holds(
            Request.TryParse(text.ToArray(), out var request, out var refusal),
            "requests",
            $"{simulated} sends an invalid request: {refusal}");
        TraceAction(session, $"sends a request: {request.Type} {request.TrId}:{request.TrKey}");
        OnRequest(simulated, connection, request);
    }

    public void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent) =>
        Invariant.Holds(false, "server events", "the broker sends none");

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
        Invariant.Holds(
            simulated.Connection is { IsOpen: true },
            "open connection",
            $"{simulated} reports that it is connected, but has {simulated.Connection}");
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

    public void DeliverMalformed(
        ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
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
        if (Subscribers.Of(registration) is not { Count: > 0 } subscribers)
            return;
        Invariant.Holds(!subscribers.IsEvicted, "no data while evicted", $"{registration} is evicted and is given a malformed frame");
        subscribers.IsWarned = true;
    }

    public void Confirmed(Registration registration)
    {
        var session = TraceAction(registration.Session, $"confirms {registration}");
        Invariant.Holds(
            Subscribers.Of(registration) is { Count: > 0 },
            "confirmed is desired",
            $"{registration} is confirmed although it has no subscribers");
        var subscribers = Subscribers.Of(registration)!;
        Invariant.Holds(
            session.Connection?.Server?.RegisteredSince(subscribers.Topic) is not null,
            "confirmed is held",
            $"{registration} is confirmed, but was never registered on {session.Connection}");
        BeginTracking(registration, subscribers);
    }

    public void Interrupted(Registration registration, GapReason cause)
    {
        var session = TraceAction(registration.Session, $"interrupts {registration}: {cause}");
        _step.Interrupted.Add((registration, session, cause));
        StreamChecks.OnInterrupted(registration, cause, session);
    }

    public void Evicted(Registration registration)
    {
        var session = TraceAction(registration.Session, $"evicts {registration}");
        StreamChecks.OnEvicted(registration);
        _step.Evicted.Add((registration, session, Subscribers.Of(registration)!.Priority));
    }

    public void Refused(Registration registration, RefusalReason reason, BrokerReply? reply)
    {
        var session = TraceAction(registration.Session, $"refuses {registration}: {reason} {reply?.Code.Value}");
        Invariant.Holds(
            reply?.Code.Meaning != BrokerCodeMeaning.AlreadyRegistered,
            "harmless answers",
            $"{registration} is refused although the server holds it");
        if (reason == RefusalReason.SessionHalted)
            _checks.CheckRefusedByHalt(registration, session);
        else if (reason == RefusalReason.Evicted)
            OnRefusedByEviction(registration, session);
        else if (reason == RefusalReason.NoReply || reply?.Code.Meaning == BrokerCodeMeaning.TryLater)
            Checks.CheckRetried(registration, session, _clock.Now);
        if (Subscribers.Of(registration) is not { } subscribers)
            return;

        // Like a program that retries.
        if (subscribers.Count > 0 && !_faults.HaveStopped && _random.NextBool(0.4))
            _clock.After(_random.NextBool(0.5) ? TimeSpan.Zero : _random.NextSeconds(0, 5), () => Subscribe(subscribers.Topic));
        EndSubscribers(subscribers);
    }

    private void OnRefusedByEviction(Registration registration, SimulatedSession session)
    {
        Invariant.Holds(
            Subscribers.Of(registration) is { Count: > 0, IsTracking: false },
            "evictions are told",
            $"{registration} is refused because of an eviction, although it was confirmed");
        _step.Evicted.Add((registration, session, Subscribers.Of(registration)!.Priority));
    }

    public void Released(Registration registration)
    {
        TraceAction(registration.Session, $"released {registration}");
        if (Subscribers.Of(registration) is not { } subscribers)
            return;
        Invariant.Holds(
            _step.IsStop || subscribers.Count == 0,
            "desired stays",
            $"{registration} is released although it has {subscribers.Count} subscribers");
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
        Invariant.Holds(
            simulated.Attempts.MustHalt == reason,
            "halt",
            $"{simulated} halts for the reason {reason}; the policy says {simulated.Attempts.MustHalt?.ToString() ?? "continue"}");
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
        Invariant.Holds(
            topic is not null, "requests", $"{session} requests {request.TrId}:{request.TrKey}, to which no consumer ever subscribed");
        Invariant.Holds(
            session.LastRequest is not { } last || now - last >= _plan.Settings.RequestInterval,
            "pacing",
            $"{session} sends a request {now - (session.LastRequest ?? now)} after the one before");
        Invariant.Holds(
            connection.OpenRequest is not { } open || now - open.SentAt >= _plan.Settings.ReplyTimeout,
            "one request",
            $"{session} sends a request for {topic} while the one for {connection.OpenRequest?.Topic} is open");
        session.LastRequest = now;
        connection.OpenRequest = (topic, request.Type, now);
        var registration = session.Machine.Registrations.FirstOrDefault(r => r.Feed == topic.Feed && r.Key == topic.Key);
        var subscribers = registration is null ? null : Subscribers.Of(registration);
        if (request.Type == RequestType.Register && subscribers is not { IsTracking: true, IsEvicted: false })
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
        {
            Invariant.Holds(
                _clock.Now - session.Connection!.LastInbound < _plan.Settings.WatchdogTimeout,
                "watchdog",
                $"{session} keeps connection {session.Connection} although nothing has arrived for "
                    + $"{_clock.Now - session.Connection.LastInbound}");
        }
    }

    private void BeginTracking(Registration registration, Subscribers subscribers)
    {
        subscribers.IsReleaseSent = false;
        subscribers.IsRestored = true;
        subscribers.IsEvicted = false;
        subscribers.MayMove = false;
        subscribers.RequestedSince = null;
        subscribers.PreviousSessions.Clear();
        if (subscribers.IsTracking)
            return;
        subscribers.IsTracking = true;
        var connection = _byMachine[registration.Session].Connection!;
        var server = connection.Server!;
        var before = Math.Max(subscribers.Last ?? 0, connection.Arrived.GetValueOrDefault(subscribers.Topic));
        var mayBelongToAnotherRequest =
            (_plan.Faults & (SimulatedFaults.LateAnswers | SimulatedFaults.DuplicateAnswers)) != SimulatedFaults.None;
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

    // Grants and ends permissions.

    public void RequestPermit(SessionMachine session)
    {
        var simulated = TraceAction(session, "asks for permission to connect");
        Invariant.Holds(
            session.Settings.NeedsPermit && !simulated.IsPermitRequested,
            "permit",
            $"{simulated} asks for permission without need, or twice");
        simulated.IsPermitRequested = true;
        _clock.After(_permitRandom.NextBool(0.7) ? _permitRandom.NextMilliseconds(1, 100) : _permitRandom.NextSeconds(0.1, 30), () =>
        {
            simulated.IsPermitRequested = false;
            simulated.Grants++;
            simulated.MaySend = true;
            Raise(simulated, $"permit: {simulated} may connect", () => session.PermitGranted(_clock.Now));
            simulated.Grants = 0;
        });
    }

    public bool MaySend(SessionMachine session)
    {
        var simulated = _byMachine[session];
        if (!simulated.MaySend)
            simulated.Attempts.OnStandDown();
        return simulated.MaySend;
    }

    private void InjectStandDown()
    {
        if (!_faults.Occurs(SimulatedFaults.StandDowns))
            return;
        var simulated = _permitRandom.Pick(Sessions);

        // The session may notice before it is told.
        simulated.MaySend = false;
        _clock.After(_permitRandom.NextBool(0.5) ? TimeSpan.Zero : _permitRandom.NextMilliseconds(1, 2_000), () =>
        {
            if (simulated.MaySend)
                return;
            simulated.Attempts.OnStandDown();
            Raise(simulated, $"permit: {simulated} must stand down", () => simulated.Machine.StandDown(_clock.Now));
            Invariant.Holds(
                simulated.Machine.Phase is not (SessionPhase.Open or SessionPhase.Connecting),
                "permit",
                $"{simulated} has a connection after it stood down");
        });
    }
}
