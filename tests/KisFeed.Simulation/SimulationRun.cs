using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Client;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;

namespace KisFeed.Simulation;

/// <summary>Runs the sessions of a client against a modelled broker in virtual time, according to a plan.</summary>
internal sealed class SimulationRun : IDisposable
{
    // All delays, timeouts and retries end within minutes, except for the hourly budgets.
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromMinutes(80);

    private readonly SimulationPlan _plan;
    private readonly VirtualClock _clock = new();
    private readonly SeededRandom _random;
    private readonly Faults _faults;
    private readonly ModelBroker _broker;
    private readonly ClientModel _client;
    private readonly Trace? _trace;
    private int _steps;

    private SimulationRun(SimulationPlan plan, Trace? trace)
    {
        _plan = plan;
        _trace = trace;
        _random = new SeededRandom(plan.Seed, 5);
        _faults = new Faults(plan);
        _broker = new ModelBroker(plan, _clock, _faults, trace);
        _client = new ClientModel(plan, _clock, _faults, _broker, trace);
    }

    /// <summary>Runs a plan.</summary>
    public static SimulationResult Run(SimulationPlan plan, bool isTraced = false)
    {
        var trace = isTraced ? new Trace() : null;
        using var simulation = new SimulationRun(plan, trace);
        try
        {
            simulation.Run();
            return new SimulationResult(plan, simulation._clock.Events, null, null, trace?.Lines ?? []);
        }
        catch (InvariantException e)
        {
            return new SimulationResult(plan, simulation._clock.Events, e.Invariant, e.Message, trace?.Lines ?? []);
        }
#pragma warning disable CA1031 // Any exception of the sessions is a failure to report.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new SimulationResult(plan, simulation._clock.Events, e.GetType().Name, e.ToString(), trace?.Lines ?? []);
        }
    }

    public void Dispose() => _broker.Dispose();

    private void Run()
    {
        if (_random.NextBool(0.2))
        {
            foreach (var session in _client.Sessions)
                _client.Start(session);
        }

        _clock.After(TimeSpan.Zero, RunStep);
        while (_steps < _plan.Steps)
            _clock.Next(TimeSpan.MaxValue);
        ShouldSettle();
        _client.Stop();
    }

    private void RunStep()
    {
        if (++_steps > _plan.Steps)
            return;
        RunConsumerAction();
        _broker.InjectFaults();
        _client.InjectFaults();
        var pause = TimeSpan.FromMilliseconds(10 * Math.Pow(_plan.LongestPause.TotalMilliseconds / 10, _random.NextDouble()));
        for (var ticks = _random.NextBetween(0, 4); ticks > 0; ticks--)
            _clock.After(pause * _random.NextDouble(), _broker.Tick);
        _clock.After(pause, RunStep);
    }

    private void RunConsumerAction()
    {
        var topics = _broker.Market.Topics;
        switch (_random.NextDouble())
        {
            case < 0.5:
                _client.Subscribe(_random.Pick(topics));
                break;
            case < 0.6: // Like a program at its start.
                for (var i = Math.Min(topics.Count, _plan.Limit); i > 0; i--)
                    _client.Subscribe(_random.Pick(topics));
                break;
            case < 0.85 when _client.Desired.Count > 0:
                Unsubscribe(_random.Pick([.. _client.Desired.Keys]));
                break;
            case < 0.95:
                SubscribeAndCancel(_random.Pick(topics));
                break;
        }
    }

    // Removes one subscriber, or all of them, and possibly subscribes again.
    private void Unsubscribe(Topic topic)
    {
        _client.Unsubscribe(topic);
        if (_random.NextBool(0.5))
            return;
        while (_client.Desired.ContainsKey(topic))
            _client.Unsubscribe(topic);
        if (_random.NextBool(0.5))
            _clock.After(_random.NextMilliseconds(0, 300), () => _client.Subscribe(topic));
    }

    // Subscribes, cancels, and possibly subscribes again.
    private void SubscribeAndCancel(Topic topic)
    {
        _client.Subscribe(topic);
        _clock.After(_random.NextMilliseconds(0, 200), () =>
        {
            if (_client.Desired.ContainsKey(topic))
                _client.Unsubscribe(topic);
        });
        if (_random.NextBool(0.7))
        {
            _clock.After(
                _random.NextBool(0.5) ? _random.NextMilliseconds(0, 500) : _random.NextMilliseconds(0, 15_000),
                () => _client.Subscribe(topic));
        }
    }

    // After the faults are stopped, every desired registration must be confirmed within the time that the policy allows.
    private void ShouldSettle()
    {
        _trace?.Add(_clock.Now, "the faults stop");
        _faults.Stop();
        _broker.StopFaults();

        // Each slot may be restored once.
        var slots = _plan.Sessions * _plan.Limit;
        var bound = _clock.Now + s_settleTimeout + TimeSpan.FromHours(Math.Ceiling((double)slots / _plan.Settings.NewRegistrationsPerHour));

        // A connection that has become silent appears to work for this long.
        Advance(_plan.Settings.WatchdogTimeout + TimeSpan.FromSeconds(1));
        while (FindUnsettled() is { } problem)
        {
            Invariant.Holds(_clock.Next(bound), "recovery", $"long after the faults were stopped, {problem}");
        }

        Advance(TimeSpan.FromSeconds(20));
        _broker.TickAll();
        Advance(TimeSpan.FromSeconds(20));
        bound = _clock.Now + TimeSpan.FromSeconds(5);
        while (FindUnsettled() is { } problem)
            Invariant.Holds(_clock.Next(bound), "recovery", $"the state does not stay settled: {problem}");
        foreach (var (topic, registration) in _client.Desired)
        {
            var subscribers = Subscribers.Of(registration)!;
            Invariant.Holds(
                subscribers.IsEvicted || subscribers.Last == _broker.Market.Last(topic),
                "data arrive",
                $"{registration} is confirmed, but record {_broker.Market.Last(topic)} was not delivered");
        }
    }

    // Delivers everything in transit.
    private void Advance(TimeSpan time)
    {
        var until = _clock.Now + time;
        while (_clock.Next(until))
        {
        }
    }

    private string? FindUnsettled()
    {
        foreach (var session in _client.Sessions)
        {
            var machine = session.Machine;
            switch (machine.Phase)
            {
                case SessionPhase.Halted:
                case SessionPhase.Idle when machine.Registrations.Count == 0:
                    break;
                case SessionPhase.Open:
                    if (FindUnsettled(session) is { } problem)
                        return problem;
                    break;
                default:
                    return $"{session} is {machine.Phase} with {machine.Registrations.Count} registrations";
            }
        }

        return _client.Evictions.FindUnsettled(_client.Group);
    }

    private static string? FindUnsettled(SimulatedSession session)
    {
        var server = session.Connection!.Server!;
        if (server.IsSilent || !server.IsAlive || session.Connection.InTransit > 0)
            return $"the connection of {session} is dead or busy";
        Registration[] wanted = [.. session.Machine.Registrations.Where(r => !r.IsEvicted)];
        foreach (var registration in wanted)
        {
            if (!registration.IsConfirmed || registration.SubscriberCount == 0)
                return $"{registration} of {session} is {registration.State}, with {registration.SubscriberCount} subscribers";
        }

        var held = server.Registrations.Keys;
        return held.Count == wanted.Length
            && wanted.All(r => held.Any(t => t.Feed == r.Feed && t.Key == r.Key))
            ? null
            : $"the server of {session} holds {string.Join(", ", held)}, desired are {string.Join<Registration>(", ", wanted)}";
    }
}

/// <summary>The result of a simulation.</summary>
/// <param name="Plan">The plan that was run.</param>
/// <param name="Events">Number of events until the end.</param>
/// <param name="Invariant">The violated invariant; <see langword="null"/> if all held.</param>
/// <param name="Message">How it was violated.</param>
/// <param name="Trace">The log of events, if it was requested.</param>
internal sealed record SimulationResult(SimulationPlan Plan, int Events, string? Invariant, string? Message, IReadOnlyList<string> Trace)
{
    public bool IsFailure => Invariant is not null;
}
