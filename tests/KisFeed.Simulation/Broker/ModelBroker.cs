using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Broker;

/// <summary>The broker's service: one session per app key, a limited number of registrations each, and data for the registrations.</summary>
internal sealed partial class ModelBroker : IDisposable
{
    private static readonly string[] s_laterCodes = ["OPSP0007", "OPSP0009", "OPSP8999", "OPSP9993", "OPSP9995"];

    private static readonly string[] s_finalCodes =
    [
        "OPSP0017", "OPSP8991", "OPSP8992", "OPSP8993", "OPSP8994", "OPSP8995", "OPSP8997", "OPSP8998", "OPSP9990",
        "OPSP9991", "OPSP9992", "OPSP9996", "OPSP9997", "OPSP9998", "OPSP9999", "OPSP7777",
    ];

    private readonly SimulationPlan _plan;
    private readonly VirtualClock _clock;
    private readonly Faults _faults;
    private readonly Chance _chance;
    private readonly Chance _marketChance;
    private readonly Trace? _trace;
    private readonly List<BrokerLink> _links = [];
    private readonly int _latest;
    private int _keys;
    private long _heartbeats;

    public ModelBroker(SimulationPlan plan, VirtualClock clock, Faults faults, Trace? trace)
    {
        _plan = plan;
        _clock = clock;
        _faults = faults;
        _trace = trace;
        _chance = new Chance(plan.Seed, 2);
        _marketChance = new Chance(plan.Seed, 3);
        Market = new Market(plan);

        // See the remarks of the plan: the request takes a moment to arrive, too.
        _latest = plan.MayAnswersBeOverdue ? 14_000 : (int)plan.Settings.ReplyTimeout.TotalMilliseconds - 200;
        for (var i = 1; i <= plan.Sessions; i++)
        {
            var low = plan.Faults.HasFlag(FaultKinds.LowLimit) && (i == 1 || _chance.Hits(0.5));
            var bad = i == plan.Sessions && plan.Faults.HasFlag(FaultKinds.BadCredentials);
            Accounts.Add(new BrokerAccount(i, low ? Math.Max(1, plan.Limit / 2) : plan.Limit, bad));
        }
    }

    public Market Market { get; }

    public List<BrokerAccount> Accounts { get; } = [];

    /// <summary>A client has connected.</summary>
    public BrokerLink Accept(BrokerAccount account, IClientEnd client)
    {
        var link = new BrokerLink(account, client);
        _links.Add(link);
        if (_faults.Occurs(FaultKinds.Kicks, 2))
            _clock.After(_chance.Milliseconds(0, 500), () => End(link, "kicks"));
        _clock.After(_plan.HeartbeatInterval, () => Beat(link));
        Break(link);
        return link;
    }

    /// <summary>A request has arrived.</summary>
    public void Received(BrokerLink link, Request request)
    {
        if (!link.IsAlive || link.IsSilent || Break(link))
            return;
        var topic = Market.Topics.Find(t => t.Key == request.TrKey && t.Feed.TrId == request.TrId)
            ?? throw new InvariantException("requests", $"a request for {request.TrId}:{request.TrKey}, which no consumer requested");
        Invariant.Holds(link.Account.HasIssued(request.ApprovalKey), "approval keys", $"a request with an approval key that was never issued to session {link.Account.Number}");
        if (!link.IsAdmitted && !Admit(link, request))
            return;
        if (_faults.Occurs(FaultKinds.SessionRefusals, 0.3))
        {
            Refuse(link, new BrokerCode(_chance.Of(["OPSP0010", "OPSP9994", "OPSP8996"])));
            return;
        }

        var answer = request.Type == RequestType.Register ? Register(link, topic) : Release(link, topic);
        if (Break(link))
            return;
        Reply(link, answer);
        if (!Break(link) && answer.IsSuccess && _faults.Occurs(FaultKinds.Kicks))
            End(link, "acknowledges and kicks");
    }

    /// <summary>The client's answer to a heartbeat has arrived.</summary>
    public static void HeartbeatAnswered(BrokerLink link) => link.UnansweredHeartbeats = 0;

    /// <summary>The client has ended the connection, and the server knows.</summary>
    public void ClientLeft(BrokerLink link) => OnClosed(link);

    /// <summary>Injects a server fault.</summary>
    public void InjectFaults()
    {
        foreach (var account in Accounts)
        {
            if (_faults.Occurs(FaultKinds.KeyLoss))
            {
                _trace?.Add(_clock.Now, $"server: forgets the approval keys of session {account.Number}");
                account.ForgetKeys();
            }
        }

        if (_links.FindAll(l => l.IsAlive && !l.IsSilent) is not { Count: > 0 } alive)
            return;
        var link = _chance.Of(alive);
        Break(link, 2);
        if (link.IsAlive && !link.IsSilent && _faults.Occurs(FaultKinds.Garbage, 2))
            link.Client.Send(FrameCorrupter.Garbage(_chance), TimeSpan.Zero);
    }

    /// <summary>Dead sessions are released soon, now that the faults have stopped.</summary>
    public void StopFaults()
    {
        foreach (var account in Accounts)
        {
            if (account.Holder is { IsAlive: false } holder)
                _clock.After(TimeSpan.FromSeconds(60), () => Release(account, holder));
            else if (account.Holder is { IsSilent: true } silent)
                _clock.After(TimeSpan.FromSeconds(60), () => OnClosed(silent));
        }
    }

    public void Dispose()
    {
        foreach (var link in _links)
        {
            foreach (var registration in link.Issued)
                registration.Dispose();
        }
    }

    private bool Admit(BrokerLink link, Request request)
    {
        var account = link.Account;
        if (!account.Knows(request.ApprovalKey))
        {
            Refuse(link, BrokerCode.UnknownApprovalKey);
            return false;
        }

        if (account.Holder is not null && account.Holder != link)
        {
            Refuse(link, BrokerCode.AppKeyInUse);
            return false;
        }

        account.Holder = link;
        link.IsAdmitted = true;
        return true;
    }

    private void Refuse(BrokerLink link, BrokerCode code)
    {
        link.Client.Send(ReplyText.Of(new Answer(null, code)), TimeSpan.Zero);
        End(link, $"refuses the session: {code.Value}", abruptly: false);
    }

    private Answer Register(BrokerLink link, Topic topic)
    {
        if (link.Held.ContainsKey(topic))
            return Refusal(topic, BrokerCode.AlreadySubscribed);
        if (_faults.Occurs(FaultKinds.Refusals))
            return Refusal(topic, new BrokerCode(_chance.Of(s_laterCodes)));
        if (_faults.Occurs(FaultKinds.Refusals, 0.5))
            return Refusal(topic, new BrokerCode(_chance.Of(s_finalCodes)));
        if (link.Held.Count >= link.Account.Limit)
        {
            Invariant.Holds(link.Account.Limit < _plan.Limit, "registration limit", $"the server of session {link.Account.Number} was asked for {topic} while it held {link.Held.Count} registrations");
            return Refusal(topic, BrokerCode.TooManySubscriptions);
        }

        var number = ++_keys;
        var registration = new BrokerRegistration(topic, Market.Last(topic), $"key{number:D29}", $"iv{number:D14}");
        link.Hold(registration);
        if (_faults.Occurs(FaultKinds.Refusals))
            return Refusal(topic, BrokerCode.AlreadySubscribed);
        return new Answer(topic, BrokerCode.SubscribeSuccess, topic.Feed.IsNotice || _chance.Hits(0.5) ? registration : null);
    }

    private Answer Release(BrokerLink link, Topic topic)
    {
        if (_faults.Occurs(FaultKinds.Refusals))
            return Refusal(topic, new BrokerCode(_chance.Of(s_laterCodes)));
        return link.Held.Remove(topic) ? new Answer(topic, BrokerCode.UnsubscribeSuccess) : Refusal(topic, BrokerCode.NotSubscribed);
    }

    private Answer Refusal(Topic topic, BrokerCode code) => new(_faults.IsOn(FaultKinds.NamelessRefusals) && _chance.Hits(0.6) ? null : topic, code);

    private void Reply(BrokerLink link, Answer answer)
    {
        if (_faults.Occurs(FaultKinds.LostAnswers))
        {
            _trace?.Add(_clock.Now, $"server: the answer {answer} to {link} is lost");
            return;
        }

        var message = ReplyText.Of(answer);
        link.Client.Send(message, _faults.Occurs(FaultKinds.LateAnswers, 4) ? _chance.Milliseconds(1, _latest) : TimeSpan.Zero);
        if (answer.Code == BrokerCode.SubscribeSuccess && _faults.Occurs(FaultKinds.DoubledAnswers, 2))
            link.Client.Send(message, _chance.Milliseconds(0, 5_000));
    }
}
