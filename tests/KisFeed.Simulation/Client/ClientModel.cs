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
internal sealed partial class ClientModel
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

    public ClientModel(SimulationPlan plan, VirtualClock clock, Faults faults, ModelBroker broker, Trace? trace)
    {
        _plan = plan;
        _clock = clock;
        _faults = faults;
        _broker = broker;
        _trace = trace;
        _random = new SeededRandom(plan.Seed, 4);
        _permitRandom = new SeededRandom(plan.Seed, 10);
        foreach (var account in broker.Accounts)
        {
            var settings = plan.Settings with { Name = $"{account.Number}", HtsId = $"ID{account.Number}", MaxRegistrations = plan.Limit, JitterSeed = plan.Settings.JitterSeed + account.Number };
            var machine = new SessionMachine(settings, SimulatedFeeds.Catalog, this);
            var session = new SimulatedSession(account.Number, machine, account, plan.CheckedPolicy ?? settings.Reconnect);
            Sessions.Add(session);
            _byMachine.Add(machine, session);
        }

        Group = new SessionGroup([.. Sessions.Select(s => s.Machine)]);
        _checks = new Checks(Sessions, Desired);
    }

    public List<SimulatedSession> Sessions { get; } = [];

    public SessionGroup Group { get; }

    /// <summary>The registrations that have subscribers.</summary>
    public Dictionary<Topic, Registration> Desired { get; } = [];

    /// <summary>A consumer subscribes to a topic.</summary>
    public void Subscribe(Topic topic) => Raise(null, $"consumer: subscribes to {topic}", () =>
    {
        Registration? registration = Group.TrySubscribe(topic.Feed, topic.Key, _clock.Now);
        if (registration is null)
        {
            _trace?.Add(_clock.Now, "  no session has a place for it");
            _checks.CheckNoPlace(topic, Group, _clock.Now);
            return;
        }

        if (Desired.TryGetValue(topic, out var present))
            Invariant.Holds(ReferenceEquals(present, registration), "one registration", $"{topic} is registered twice");
        Desired[topic] = registration;
        if (registration.Subscribers is not Subscribers subscribers)
            registration.Subscribers = subscribers = new Subscribers(topic, _byMachine[registration.Session]);
        subscribers.Session = _byMachine[registration.Session];
        subscribers.Count++;
        if (registration.IsConfirmed && !subscribers.IsTracking)
            BeginTracking(registration, subscribers);
    });

    /// <summary>A subscriber of a topic unsubscribes.</summary>
    public void Unsubscribe(Topic topic) => Raise(null, $"consumer: unsubscribes from {topic}", () =>
    {
        var registration = Desired[topic];
        var subscribers = (Subscribers)registration.Subscribers!;
        if (--subscribers.Count == 0)
        {
            subscribers.EndAll();
            Desired.Remove(topic);
        }

        registration.Session.Unsubscribe(registration, _clock.Now);
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
            Invariant.Holds(session.Machine.Phase == SessionPhase.Ended && session.Machine.Registrations.Count == 0, "stop", $"{session} has registrations after its end");
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

    private void Raise(SimulatedSession? session, string description, Action action, bool isEarlier = false, ServerMessage? message = null, DateTimeOffset receivedAt = default)
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
            Raise(session, $"client: attempt {connection} fails, {failure}", () => session.Machine.ConnectFailed(connection.Number, failure, _clock.Now));
            return;
        }

        connection.IsKeyFresh = freshKey || session.ApprovalKey is null;
        if (connection.IsKeyFresh)
            session.ApprovalKey = session.Account.IssueKey(isKnown: !_faults.Occurs(SimulatedFaults.KeyLoss, 3));
        connection.IsOpen = true;
        connection.OpenedAt = connection.LastInbound = _clock.Now;
        connection.Server = _broker.Accept(session.Account, connection);
        Raise(session, $"client: {connection} opens with {session.ApprovalKey}", () => session.Machine.Opened(connection.Number, session.ApprovalKey!, connection.IsKeyFresh, _clock.Now));
    }

    private ConnectFailure? GetConnectFailure(SimulatedSession session, bool freshKey)
    {
        if (session.Account.HasBadCredentials && (freshKey || session.ApprovalKey is null))
            return ConnectFailure.BadCredentials;
        return _faults.Occurs(SimulatedFaults.FailedConnects, 3)
            ? _random.Pick([ConnectFailure.Unreachable, ConnectFailure.Unreachable, ConnectFailure.Rejected, ConnectFailure.TooManyRequests])
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
        if (message.Answer is not { } answer || connection.OpenRequest is not { } request || !IsAnswerTo(answer, request.Topic, request.Type))
            return;
        connection.OpenRequest = null;

        // A session that has to stand down does not read the answer.
        var isRead = !connection.Owner.Machine.Settings.NeedsPermit || connection.Owner.MaySend;
        if (isRead && request.Type == RequestType.Register && answer.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.AlreadyRegistered)
            connection.Owner.Attempts.OnAccepted();
    }

    private static bool IsAnswerTo(Answer answer, Topic topic, RequestType type) => (answer.Request is null ? !answer.IsSuccess : answer.Request == topic) && answer.Code.Value switch
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
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"","output":{"iv":"oldoldoldoldoldi","key":"oldoldoldoldoldoldoldoldoldoldol"} } }""",
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"},"body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":""}}""",
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
                Raise(session, $"{session.Number}/{number} fails", () => machine.ConnectFailed(number, _random.Pick(Enum.GetValues<ConnectFailure>()), now), isEarlier: true);
                break;
            case 2:
                Raise(session, $"{session.Number}/{number} is closed", () => machine.Closed(number, now), isEarlier: true);
                break;
            case 3:
                Raise(session, $"{session.Number}/{number} receives {text}", () => machine.TextReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now), isEarlier: true);
                break;
            default:
                Raise(session, $"{session.Number}/{number} receives a long {text}", () => machine.OversizedReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now), isEarlier: true);
                break;
        }
    }
}
