using System.Text;
using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

/// <summary>The client around the sessions: carries out their actions, with delays and faults, and passes events to them.</summary>
internal sealed partial class ClientModel
{
    private static readonly DateTimeOffset s_epoch = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly SimulationPlan _plan;
    private readonly VirtualClock _clock;
    private readonly Faults _faults;
    private readonly Chance _chance;
    private readonly ModelBroker _broker;
    private readonly Trace? _trace;
    private readonly Dictionary<SessionMachine, SimulatedSession> _byMachine = [];
    private readonly Step _step = new();
    private readonly Checks _checks;
    private TimeSpan _wallClockIsOffBy;

    public ClientModel(SimulationPlan plan, VirtualClock clock, Faults faults, ModelBroker broker, Trace? trace)
    {
        _plan = plan;
        _clock = clock;
        _faults = faults;
        _broker = broker;
        _trace = trace;
        _chance = new Chance(plan.Seed, 4);
        foreach (var account in broker.Accounts)
        {
            var settings = plan.Settings with { Name = $"{account.Number}", HtsId = $"ID{account.Number}", MaxRegistrations = plan.Limit, JitterSeed = plan.Settings.JitterSeed + account.Number };
            var machine = new SessionMachine(settings, SimulatedFeeds.Catalog, this);
            var session = new SimulatedSession(account.Number, machine, account, plan.Promised ?? settings.Reconnect);
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
            _trace?.Add(_clock.Now, "  no session can have it");
            _checks.NoRoom(topic, Group, _clock.Now);
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

    /// <summary>The consumers connect without any subscription.</summary>
    public void Start(SimulatedSession session) => Raise(session, $"consumer: starts {session}", () => session.Machine.Start(_clock.Now));

    /// <summary>The consumers end everything.</summary>
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
        if (_faults.Occurs(FaultKinds.ClockJumps))
        {
            _wallClockIsOffBy = _chance.Seconds(-7_200, 7_200);
            if (_plan.MayAnswersBeOverdue && _chance.Hits(0.4))
            {
                var jump = _chance.Hits(0.5) ? _chance.Seconds(1, 200) : _chance.Seconds(600, 20_000);
                _trace?.Add(_clock.Now, $"clock: jumps by {jump}");
                _clock.Jump(jump);
            }
        }

        if (_faults.Occurs(FaultKinds.Failures, 0.3))
            Fail(_chance.Of(Sessions));
        if (_faults.IsOn(FaultKinds.OldEvents) && _chance.Of(Sessions) is var session && session.LastConnection > 0)
            OldEvent(session);
    }

    private void Fail(SimulatedSession session)
    {
        if (session.Machine.Phase != SessionPhase.Halted)
            session.Attempts.Ended(HaltReason.Failed);
        Raise(session, $"client: fails, and ends {session}", () => session.Machine.Fail(_clock.Now));
        _lost = null;
    }

    private void Raise(SimulatedSession? session, string what, Action action, bool isOld = false, ServerMessage? message = null, DateTimeOffset receivedAt = default)
    {
        _trace?.Add(_clock.Now, isOld ? $"{what} (of an earlier connection)" : what);
        _step.Begin(session, isOld, message, receivedAt);
        action();
        _checks.AfterStep(_step, _clock.Now);
    }

    private void Dialled(ClientLink link, bool freshKey)
    {
        var session = link.Owner;
        if (session.Link != link)
            return;
        if (Failure(session, freshKey) is { } failure)
        {
            session.Link = null;
            session.Attempts.Failed(failure, _clock.Now);
            Raise(session, $"client: attempt {link} fails, {failure}", () => session.Machine.ConnectFailed(link.Number, failure, _clock.Now));
            return;
        }

        link.IsKeyFresh = freshKey || session.ApprovalKey is null;
        if (link.IsKeyFresh)
            session.ApprovalKey = session.Account.IssueKey(isKnown: !_faults.Occurs(FaultKinds.KeyLoss, 3));
        link.IsOpen = true;
        link.OpenedAt = link.LastInbound = _clock.Now;
        link.Server = _broker.Accept(session.Account, link);
        Raise(session, $"client: {link} opens with {session.ApprovalKey}", () => session.Machine.Opened(link.Number, session.ApprovalKey!, link.IsKeyFresh, _clock.Now));
    }

    private ConnectFailure? Failure(SimulatedSession session, bool freshKey)
    {
        if (session.Account.HasBadCredentials && (freshKey || session.ApprovalKey is null))
            return ConnectFailure.BadCredentials;
        return _faults.Occurs(FaultKinds.FailedDials, 3)
            ? _chance.Of([ConnectFailure.Unreachable, ConnectFailure.Unreachable, ConnectFailure.Rejected, ConnectFailure.TooManyRequests])
            : null;
    }

    private void Arrived(ClientLink link, ServerMessage message)
    {
        var session = link.Owner;
        var receivedAt = s_epoch + _clock.Now + _wallClockIsOffBy;
        var isOld = session.Link != link;
        if (link.Server!.IsSilent || (isOld && !_faults.IsOn(FaultKinds.OldEvents)))
            return;
        if (!isOld)
        {
            link.LastInbound = _clock.Now;
            Accept(link, message);
        }

        Raise(session, $"{link} receives {message}", () => Dispatch(link, message, receivedAt), isOld, message, receivedAt);
    }

    private void Dispatch(ClientLink link, ServerMessage message, DateTimeOffset receivedAt)
    {
        if (message.IsOversized)
            link.Owner.Machine.OversizedReceived(link.Number, message.Bytes, receivedAt, _clock.Now);
        else
            link.Owner.Machine.TextReceived(link.Number, message.Bytes, receivedAt, _clock.Now);
    }

    // What a message means for the session's next steps.
    private static void Accept(ClientLink link, ServerMessage message)
    {
        if (message.IsHeartbeat)
            link.Heartbeat = message.Bytes;
        for (var i = 0; i < message.Frame?.Topics.Count; i++)
            link.Arrived[message.Frame.Topics[i]] = message.Frame.Numbers[i];
        if (message.Answer is not { } answer || link.OpenRequest is not { } request || !Answers(answer, request.Topic, request.Type))
            return;
        link.OpenRequest = null;
        if (request.Type == RequestType.Register && answer.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.AlreadyRegistered)
            link.Owner.Attempts.Accepted();
    }

    private static bool Answers(Answer answer, Topic topic, RequestType type) => (answer.Request is null ? !answer.IsSuccess : answer.Request == topic) && answer.Code.Value switch
    {
        "OPSP0000" or "OPSP0002" => type == RequestType.Register,
        "OPSP0001" or "OPSP0003" => type == RequestType.Release,
        _ => true,
    };

    private void ServerClosed(ClientLink link)
    {
        var session = link.Owner;
        var isOld = session.Link != link;
        if (link.Server!.IsSilent || (isOld && !_faults.IsOn(FaultKinds.OldEvents)))
            return;
        if (!isOld)
        {
            link.IsOpen = false;
            session.Link = null;
            _lost = link;
        }

        Raise(session, $"{link} is closed", () => session.Machine.Closed(link.Number, _clock.Now), isOld);
    }

    private void OldEvent(SimulatedSession session)
    {
        var now = _clock.Now;
        var machine = session.Machine;
        var isLast = session.Link is null || session.Link.Number != session.LastConnection;
        var last = isLast ? session.LastConnection : session.LastConnection - 1;
        if (last < 1)
            return;
        var number = _chance.Hits(0.6) ? last : _chance.Between(1, (int)last);
        var topic = _chance.Of(_broker.Market.Topics);
        var text = _chance.Of(
        [
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"","output":{"iv":"oldoldoldoldoldi","key":"oldoldoldoldoldoldoldoldoldoldol"} } }""",
            $$$"""{"header":{"tr_id":"{{{topic.Feed.TrId}}}","tr_key":"{{{topic.Key}}}"},"body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":""}}""",
            """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":""}}""",
            """{"header":{"tr_id":"PINGPONG","datetime":"20261120000000"}}""",
            $"0|{topic.Feed.TrId}|001|{topic.Key}^1^0/0",
            "garbage",
        ]);
        switch (_chance.Below(5))
        {
            case 0:
                Raise(session, $"{session.Number}/{number} opens", () => machine.Opened(number, "an old key", true, now), isOld: true);
                break;
            case 1:
                Raise(session, $"{session.Number}/{number} fails", () => machine.ConnectFailed(number, _chance.Of(Enum.GetValues<ConnectFailure>()), now), isOld: true);
                break;
            case 2:
                Raise(session, $"{session.Number}/{number} is closed", () => machine.Closed(number, now), isOld: true);
                break;
            case 3:
                Raise(session, $"{session.Number}/{number} receives {text}", () => machine.TextReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now), isOld: true);
                break;
            default:
                Raise(session, $"{session.Number}/{number} receives a long {text}", () => machine.OversizedReceived(number, Encoding.UTF8.GetBytes(text), s_epoch, now), isOld: true);
                break;
        }
    }
}
