using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Broker;

/// <summary>The broker's service: one session per app key, with a limited number of registrations and their data.</summary>
internal sealed partial class ModelBroker : IDisposable
{
    private static readonly string[] s_temporaryCodes = ["OPSP0007", "OPSP0009", "OPSP8999", "OPSP9993", "OPSP9995"];

    private static readonly string[] s_permanentCodes =
    [
        "OPSP0017", "OPSP8991", "OPSP8992", "OPSP8993", "OPSP8994", "OPSP8995", "OPSP8997", "OPSP8998", "OPSP9990",
        "OPSP9991", "OPSP9992", "OPSP9996", "OPSP9997", "OPSP9998", "OPSP9999", "OPSP7777",
    ];

    private readonly SimulationPlan _plan;
    private readonly VirtualClock _clock;
    private readonly Faults _faults;
    private readonly SeededRandom _random;
    private readonly SeededRandom _marketRandom;
    private readonly Trace? _trace;
    private readonly List<BrokerConnection> _connections = [];
    private readonly int _maxDelay;
    private int _keyCount;
    private long _heartbeats;

    public ModelBroker(SimulationPlan plan, VirtualClock clock, Faults faults, Trace? trace)
    {
        _plan = plan;
        _clock = clock;
        _faults = faults;
        _trace = trace;
        _random = new SeededRandom(plan.Seed, 2);
        _marketRandom = new SeededRandom(plan.Seed, 3);
        Market = new Market(plan);

        // See the remarks of the plan. The request also takes a moment to arrive.
        _maxDelay = plan.MayAnswersBeOverdue ? 14_000 : (int)plan.Settings.ReplyTimeout.TotalMilliseconds - 200;
        for (var i = 1; i <= plan.Sessions; i++)
        {
            var hasLowLimit = plan.Faults.HasFlag(SimulatedFaults.LowLimit) && (i == 1 || _random.NextBool(0.5));
            var hasBadCredentials = i == plan.Sessions && plan.Faults.HasFlag(SimulatedFaults.BadCredentials);
            Accounts.Add(new BrokerAccount(i, hasLowLimit ? Math.Max(1, plan.Limit / 2) : plan.Limit, hasBadCredentials));
        }
    }

    public Market Market { get; }

    public List<BrokerAccount> Accounts { get; } = [];

    /// <summary>Called when a client has connected.</summary>
    public BrokerConnection Accept(BrokerAccount account, IClientConnection client)
    {
        var connection = new BrokerConnection(account, client);
        _connections.Add(connection);
        if (_faults.Occurs(SimulatedFaults.Kicks, 2))
            _clock.After(_random.NextMilliseconds(0, 500), () => End(connection, "kicks"));
        _clock.After(_plan.HeartbeatInterval, () => SendHeartbeat(connection));
        MaybeBreak(connection);
        return connection;
    }

    /// <summary>Called when a request has arrived.</summary>
    public void OnRequest(BrokerConnection connection, Request request)
    {
        if (!connection.IsAlive || connection.IsSilent || MaybeBreak(connection))
            return;
        var topic = Market.Topics.Find(t => t.Key == request.TrKey && t.Feed.TrId == request.TrId)
            ?? throw new InvariantException("requests", $"a request for {request.TrId}:{request.TrKey}, which no consumer requested");
        Invariant.Holds(connection.Account.HasIssued(request.ApprovalKey), "approval keys", $"a request with an approval key that was never issued to session {connection.Account.Number}");
        if (!connection.IsAdmitted && !Admit(connection, request))
            return;
        if (_faults.Occurs(SimulatedFaults.SessionRefusals, 0.3))
        {
            Refuse(connection, new BrokerCode(_random.Pick(["OPSP0010", "OPSP9994", "OPSP8996"])));
            return;
        }

        var answer = request.Type == RequestType.Register ? Register(connection, topic) : Release(connection, topic);
        if (MaybeBreak(connection))
            return;
        Reply(connection, answer);
        if (!MaybeBreak(connection) && answer.IsSuccess && _faults.Occurs(SimulatedFaults.Kicks))
            End(connection, "acknowledges and kicks");
    }

    /// <summary>Called when the client's answer to a heartbeat has arrived.</summary>
    public static void OnHeartbeatAnswered(BrokerConnection connection) => connection.UnansweredHeartbeats = 0;

    /// <summary>Called when the client has closed the connection and the server notices.</summary>
    public void OnClientClosed(BrokerConnection connection) => OnClosed(connection);

    /// <summary>Injects a server fault.</summary>
    public void InjectFaults()
    {
        foreach (var account in Accounts)
        {
            if (_faults.Occurs(SimulatedFaults.KeyLoss))
            {
                _trace?.Add(_clock.Now, $"server: forgets the approval keys of session {account.Number}");
                account.ClearKeys();
            }
        }

        if (_connections.FindAll(l => l.IsAlive && !l.IsSilent) is not { Count: > 0 } alive)
            return;
        var connection = _random.Pick(alive);
        MaybeBreak(connection, 2);
        if (connection.IsAlive && !connection.IsSilent && _faults.Occurs(SimulatedFaults.Garbage, 2))
            connection.Client.Send(FrameCorrupter.CreateGarbage(_random), TimeSpan.Zero);
    }

    /// <summary>Releases dead sessions soon, because the faults have stopped.</summary>
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
        foreach (var connection in _connections)
        {
            foreach (var registration in connection.Issued)
                registration.Dispose();
        }
    }

    private bool Admit(BrokerConnection connection, Request request)
    {
        var account = connection.Account;
        if (!account.IsKnown(request.ApprovalKey))
        {
            Refuse(connection, BrokerCode.UnknownApprovalKey);
            return false;
        }

        if (account.Holder is not null && account.Holder != connection)
        {
            Refuse(connection, BrokerCode.AppKeyInUse);
            return false;
        }

        account.Holder = connection;
        connection.IsAdmitted = true;
        return true;
    }

    private void Refuse(BrokerConnection connection, BrokerCode code)
    {
        connection.Client.Send(ReplyText.Of(new Answer(null, code)), TimeSpan.Zero);
        End(connection, $"refuses the session: {code.Value}", abruptly: false);
    }

    private Answer Register(BrokerConnection connection, Topic topic)
    {
        if (connection.Registrations.ContainsKey(topic))
            return CreateRefusal(topic, BrokerCode.AlreadySubscribed);
        if (_faults.Occurs(SimulatedFaults.Refusals))
            return CreateRefusal(topic, new BrokerCode(_random.Pick(s_temporaryCodes)));
        if (_faults.Occurs(SimulatedFaults.Refusals, 0.5))
            return CreateRefusal(topic, new BrokerCode(_random.Pick(s_permanentCodes)));
        if (connection.Registrations.Count >= connection.Account.Limit)
        {
            Invariant.Holds(connection.Account.Limit < _plan.Limit, "registration limit", $"the server of session {connection.Account.Number} received a request for {topic} while it held {connection.Registrations.Count} registrations");
            return CreateRefusal(topic, BrokerCode.TooManySubscriptions);
        }

        var number = ++_keyCount;
        var registration = new BrokerRegistration(topic, Market.Last(topic), $"key{number:D29}", $"iv{number:D14}");
        connection.Add(registration);
        if (_faults.Occurs(SimulatedFaults.Refusals))
            return CreateRefusal(topic, BrokerCode.AlreadySubscribed);
        return new Answer(topic, BrokerCode.SubscribeSuccess, topic.Feed.IsNotice || _random.NextBool(0.5) ? registration : null);
    }

    private Answer Release(BrokerConnection connection, Topic topic)
    {
        if (_faults.Occurs(SimulatedFaults.Refusals))
            return CreateRefusal(topic, new BrokerCode(_random.Pick(s_temporaryCodes)));
        return connection.Registrations.Remove(topic) ? new Answer(topic, BrokerCode.UnsubscribeSuccess) : CreateRefusal(topic, BrokerCode.NotSubscribed);
    }

    private Answer CreateRefusal(Topic topic, BrokerCode code) => new(_faults.IsOn(SimulatedFaults.UnnamedRefusals) && _random.NextBool(0.6) ? null : topic, code);

    private void Reply(BrokerConnection connection, Answer answer)
    {
        if (_faults.Occurs(SimulatedFaults.LostAnswers))
        {
            _trace?.Add(_clock.Now, $"server: the answer {answer} to {connection} is lost");
            return;
        }

        var message = ReplyText.Of(answer);
        connection.Client.Send(message, _faults.Occurs(SimulatedFaults.LateAnswers, 4) ? _random.NextMilliseconds(1, _maxDelay) : TimeSpan.Zero);
        if (answer.Code == BrokerCode.SubscribeSuccess && _faults.Occurs(SimulatedFaults.DuplicateAnswers, 2))
            connection.Client.Send(message, _random.NextMilliseconds(0, 5_000));
    }
}
