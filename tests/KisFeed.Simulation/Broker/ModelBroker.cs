using System.Buffers;
using System.Text;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Broker;

/// <summary>The broker's service: one session per app key, with a limited number of registrations and their data.</summary>
internal sealed class ModelBroker : IDisposable
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
        Invariant.Holds(
            connection.Account.HasIssued(request.ApprovalKey),
            "approval keys",
            $"a request with an approval key that was never issued to session {connection.Account.Number}");
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
            Invariant.Holds(connection.Account.Limit < _plan.Limit, "registration limit", $"the server of session "
                + $"{connection.Account.Number} received a request for {topic} while it held "
                + $"{connection.Registrations.Count} registrations");
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
        return connection.Registrations.Remove(topic)
            ? new Answer(topic, BrokerCode.UnsubscribeSuccess)
            : CreateRefusal(topic, BrokerCode.NotSubscribed);
    }

    private Answer CreateRefusal(Topic topic, BrokerCode code) =>
        new(_faults.IsOn(SimulatedFaults.UnnamedRefusals) && _random.NextBool(0.6) ? null : topic, code);

    private void Reply(BrokerConnection connection, Answer answer)
    {
        if (_faults.Occurs(SimulatedFaults.LostAnswers))
        {
            _trace?.Add(_clock.Now, $"server: the answer {answer} to {connection} is lost");
            return;
        }

        var message = ReplyText.Of(answer);
        connection.Client.Send(
            message, _faults.Occurs(SimulatedFaults.LateAnswers, 4) ? _random.NextMilliseconds(1, _maxDelay) : TimeSpan.Zero);
        if (answer.Code == BrokerCode.SubscribeSuccess && _faults.Occurs(SimulatedFaults.DuplicateAnswers, 2))
            connection.Client.Send(message, _random.NextMilliseconds(0, 5_000));
    }

    // Sends data to registered clients.

    /// <summary>Publishes new records of some topics.</summary>
    public void Tick() => Publish(Market.NextTopics(_marketRandom));

    /// <summary>Publishes a new record of every topic.</summary>
    public void TickAll()
    {
        foreach (var topic in Market.Topics)
            Publish([topic]);
    }

    private void Publish(List<Topic> topics)
    {
        var numbers = topics.ConvertAll(Market.Next);
        foreach (var connection in _connections)
        {
            if (!connection.IsAlive || connection.IsSilent)
                continue;
            List<Topic> held = [];
            List<long> heldNumbers = [];
            for (var i = 0; i < topics.Count; i++)
            {
                // A record of a topic that was just released, as may arrive for a moment, would look like a record of another session.
                if (!connection.Registrations.ContainsKey(topics[i]))
                    continue;
                held.Add(topics[i]);
                heldNumbers.Add(numbers[i]);
            }

            if (held.Count > 0)
                Publish(connection, new FrameContent(held, heldNumbers, held[0].Feed.IsNotice ? connection.Registrations[held[0]] : null));
        }
    }

    private void Publish(BrokerConnection connection, FrameContent content)
    {
        if (MaybeBreak(connection, 0.2))
            return;
        var address = $"{connection.Account.Number}/{connection.Client.Number}";
        var payload = new StringBuilder();
        for (var i = 0; i < content.Topics.Count; i++)
        {
            payload.Append(i == 0 ? "" : "^").Append(content.Topics[i].Key).Append('^').Append(content.Numbers[i]).Append('^')
                .Append(address);
        }

        var head = $"{(content.EncryptedFor is null ? '0' : '1')}|{content.Topics[0].Feed.TrId}|{content.Topics.Count:D3}|";
        if (_faults.Occurs(SimulatedFaults.Garbage))
        {
            payload.Append(FrameCorrupter.CreateTail(content, _random, out var isCorrupted));
            content = content with { IsCorrupted = isCorrupted };
        }

        connection.Client.Send(new ServerMessage(Bytes(head, payload.ToString(), content.EncryptedFor)) { Frame = content }, TimeSpan.Zero);
    }

    private static byte[] Bytes(string head, string payload, BrokerRegistration? encryptedFor)
    {
        if (encryptedFor is null)
            return Encoding.UTF8.GetBytes(head + payload);
        var output = new ArrayBufferWriter<byte>();
        output.Write(Encoding.UTF8.GetBytes(head));

        // Long enough that a wrong key cannot decrypt it by chance.
        encryptedFor.Cipher.Encrypt(Encoding.UTF8.GetBytes(payload + new string(' ', 48)), output);
        return output.WrittenSpan.ToArray();
    }

    // Closes connections.

    /// <summary>Closes or kills the connection with the probability of such faults. Returns whether it is dead.</summary>
    private bool MaybeBreak(BrokerConnection connection, double weight = 0.5)
    {
        if (!connection.IsAlive || connection.IsSilent)
            return true;
        if (_faults.Occurs(SimulatedFaults.Drops, weight))
        {
            End(connection, "drops the connection", _random.NextBool(0.5));
            return true;
        }

        if (!_faults.Occurs(SimulatedFaults.SilentLosses, weight))
            return false;
        _trace?.Add(_clock.Now, $"server: {connection} becomes silent");
        connection.IsSilent = true;
        _clock.After(_random.NextSeconds(1, 400), () => OnClosed(connection));
        return true;
    }

    private void End(BrokerConnection connection, string reason, bool abruptly = false)
    {
        if (!connection.IsAlive || connection.IsSilent)
            return;
        _trace?.Add(_clock.Now, $"server: {reason}, {connection}{(abruptly ? ", abruptly" : "")}");
        OnClosed(connection);
        connection.Client.Close(abruptly);
    }

    private void OnClosed(BrokerConnection connection)
    {
        if (!connection.IsAlive)
            return;
        connection.IsAlive = false;
        connection.Registrations.Clear();
        var account = connection.Account;
        if (account.Holder != connection)
            return;
        if (_faults.Occurs(SimulatedFaults.HeldSessions, 3))
        {
            _trace?.Add(_clock.Now, $"server: still holds the dead session of {connection}");
            _clock.After(
                _random.NextBool(0.9) ? _random.NextSeconds(1, 300) : _random.NextSeconds(300, 1_200), () => Release(account, connection));
        }
        else
        {
            account.Holder = null;
        }
    }

    private static void Release(BrokerAccount account, BrokerConnection connection)
    {
        if (account.Holder == connection)
            account.Holder = null;
    }

    private void SendHeartbeat(BrokerConnection connection)
    {
        if (!connection.IsAlive)
            return;
        _clock.After(_plan.HeartbeatInterval, () => SendHeartbeat(connection));
        if (connection.IsSilent)
            return;
        if (connection.UnansweredHeartbeats >= 2)
        {
            End(connection, "received no answers to its heartbeats");
            return;
        }

        if (_faults.Occurs(SimulatedFaults.LostHeartbeats, 2))
            return;
        connection.UnansweredHeartbeats++;
        connection.Client.Send(ReplyText.Heartbeat(++_heartbeats), TimeSpan.Zero);
    }
}
