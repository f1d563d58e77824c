using System.Globalization;
using KisFeed.Coordination.Tests.Staging;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>Runs a cluster in virtual time, according to a plan.</summary>
internal sealed class ModelRun
{
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromHours(3);

    private readonly ModelPlan _plan;
    private readonly ModelWorld _world;
    private readonly ModelBroker _broker;
    private readonly ModelRandom _random;
    private readonly ClusterKey[] _keys;
    private readonly List<(string Name, Func<ModelProcess> Start)> _roles = [];
    private readonly Dictionary<string, ModelProcess> _running = [];
    private int _starts;

    private ModelRun(ModelPlan plan, bool isTraced)
    {
        _plan = plan;
        _world = new ModelWorld(plan, isTraced);
        _random = new ModelRandom(plan.Seed, 2);
        _broker = new ModelBroker(_world, new ModelRandom(plan.Seed, 3));
        _world.Checks.Broker = _broker;
        _keys = [.. Enumerable.Range(1, plan.Keys)
            .Select(i => new ClusterKey("Production", "H0STCNT0", i.ToString("000000", CultureInfo.InvariantCulture)))];
        AddRoles();
    }

    public static ModelResult Run(ModelPlan plan, bool isTraced = false)
    {
        var run = new ModelRun(plan, isTraced);
        try
        {
            run.Run();
            return new ModelResult(plan, run._world.Events, null, null, run._world.Trace ?? []);
        }
        catch (ModelException e)
        {
            return new ModelResult(plan, run._world.Events, e.Invariant, e.Message, run._world.Trace ?? []);
        }
#pragma warning disable CA1031 // Any exception of the state machines is a failure to report.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new ModelResult(plan, run._world.Events, e.GetType().Name, e.ToString(), run._world.Trace ?? []);
        }
    }

    private void AddRoles()
    {
        string[] appKeys = [.. Enumerable.Range(0, _plan.AppKeys).Select(i => $"{(char)('A' + i)}")];
        for (var holder = 1; holder <= _plan.Holders; holder++)
        {
            string[][] groups = _plan.SharedProcesses ? [appKeys] : [.. appKeys.Select(appKey => (string[])[appKey])];
            foreach (var group in groups)
            {
                var name = $"ingest-{string.Concat(group)}{holder}";
                _roles.Add((name,
                    () => new ModelIngest(_world, _broker, $"{name}.{++_starts}", group, new ModelRandom(_plan.Seed, 100 + _starts))));
            }
        }

        for (var i = 1; i <= _plan.Edges; i++)
        {
            var name = $"edge-{i}";
            _roles.Add((name, () => new ModelEdge(_world, $"{name}.{++_starts}", new ModelRandom(_plan.Seed, 100 + _starts))));
        }
    }

    private void Run()
    {
        foreach (var (name, start) in _roles)
            Start(name, start, _random.NextBool(0.5) ? TimeSpan.Zero : _random.NextMilliseconds(0, 5_000));
        for (var step = 0; step < _plan.Steps; step++)
        {
            Advance(TimeSpan.FromMilliseconds(50 * Math.Pow(200, _random.NextDouble())));
            ChangeDemand();
            InjectFaults();
        }

        Settle();
        CheckFairness();
    }

    private void Start(string name, Func<ModelProcess> start, TimeSpan delay)
    {
        _world.After(delay, () =>
        {
            var process = start();
            _world.Log($"{process.Name} starts");
            _world.SetTrouble();
            _world.Processes.RemoveAll(other => !other.IsAlive);
            _world.Processes.Add(process);
            _running[name] = process;
        });
    }

    private void Advance(TimeSpan time)
    {
        var until = _world.Now + time;
        while (_world.Next(until))
        {
        }
    }

    private void ChangeDemand()
    {
        foreach (var edge in _running.Values.OfType<ModelEdge>().Where(edge => edge.IsRunning))
        {
            for (var i = _random.Next(_random.NextBool(0.1) ? _keys.Length : 3); i > 0; i--)
            {
                if (_random.NextBool(0.55) || edge.Wanted.Count == 0)
                    edge.Add(_random.Pick(_keys));
                else
                    edge.Remove(_random.Pick([.. edge.Wanted]), _random.NextBool(0.7));
            }
        }
    }

    private void InjectFaults()
    {
        if (_world.Occurs(ModelFaults.StoreAway, 0.3))
            _world.LoseStore(_random.NextBool(0.5) ? _random.NextMilliseconds(50, 3_000) : _random.NextMilliseconds(3_000, 20_000));
        foreach (var (name, start) in _roles)
        {
            if (!_running.TryGetValue(name, out var process))
                continue;
            if (!process.IsAlive)
                continue;
            if (_world.Occurs(ModelFaults.Cut, 0.2))
                process.Cut(_random.NextMilliseconds(100, 10_000));
            if (_world.Occurs(ModelFaults.Freezes, 0.2))
                process.Freeze(_random.NextBool(0.5) ? _random.NextMilliseconds(50, 4_000) : _random.NextMilliseconds(1_000, 20_000));
            if (process.IsFrozen)
                continue;
            if (process is ModelIngest ingest)
                InjectFaults(ingest);
            var crashes = _world.Occurs(ModelFaults.Crashes, 0.15);
            if (!crashes && !_world.Occurs(ModelFaults.Stops, 0.1))
                continue;
            if (crashes)
                process.Crash();
            else
                process.Stop();
            Start(name, start, _random.NextMilliseconds(100, 8_000));
        }
    }

    private void InjectFaults(ModelIngest ingest)
    {
        foreach (var unit in ingest.Units)
        {
            if (_world.Occurs(ModelFaults.Drops, 0.3))
                unit.BreakSession();
            if (_world.Occurs(ModelFaults.Lines, 0.15))
                unit.LoseLine(_random.NextBool(0.5) ? _random.NextMilliseconds(100, 10_000) : _random.NextMilliseconds(10_000, 120_000));
            if (!_world.Occurs(ModelFaults.Halts, 0.1))
                continue;
            unit.SetHalted(true);
            _world.After(_random.NextMilliseconds(1_000, 20_000), () => ingest.Post(() => unit.SetHalted(false)));
        }
    }

    // After the faults stop, every wanted key must be registered once, and nothing else.
    private void Settle()
    {
        _world.Log($"the faults stop");
        Advance(TimeSpan.FromSeconds(25));
        _world.HasFaults = false;
        Advance(TimeSpan.FromSeconds(10));
        WaitUntil("recovery", FindUnsettled);
    }

    private void WaitUntil(string invariant, Func<string?> findProblem)
    {
        var bound = _world.Now + s_settleTimeout;
        while (findProblem() is { } problem)
        {
            ModelChecks.Holds(_world.Now < bound, invariant, $"long after the faults stopped, {problem}");
            Advance(TimeSpan.FromMilliseconds(500));
        }
    }

    private string? FindUnsettled()
    {
        var edges = _running.Values.OfType<ModelEdge>().ToList();
        var wanted = edges.SelectMany(edge => edge.Wanted).ToHashSet();
        var held = _broker.Sessions.SelectMany(session => session.Keys).ToList();
        if (held.Count != held.Distinct().Count())
            return "a key is registered twice";
        if (held.Find(key => !wanted.Contains(key)) is { Key: not null } unwanted)
            return $"{unwanted} is registered and nobody wants it";
        var refused = _world.Store.Keys.Where(key => key.State == PlacementState.Refused && key.RefusedUntil > _world.Now)
            .Select(key => key.Key)
            .ToHashSet();
        var expected = wanted.Count(key => !refused.Contains(key) || held.Contains(key));
        if (held.Count != Math.Min(expected, _plan.AppKeys * _plan.Slots))
            return $"{held.Count} keys are registered of {expected} wanted";
        foreach (var edge in edges)
        {
            foreach (var key in edge.Wanted)
            {
                var state = edge.Find(key)?.State;
                var right = held.Contains(key) ? DemandState.Registered
                    : refused.Contains(key) ? DemandState.Refused
                    : DemandState.NoFreeSlot;
                if (state != right)
                    return $"{edge.Name} believes that {key} is {state}, not {right}";
            }
        }

        return null;
    }

    private void CheckFairness()
    {
        var edges = _running.Values.OfType<ModelEdge>().ToList();
        foreach (var edge in edges)
        {
            foreach (var key in edge.Wanted.ToList())
                edge.Remove(key, all: true);
        }

        WaitUntil(
            "release", () => _broker.Sessions.Exists(session => session.Keys.Count > 0) ? "keys are registered that nobody wants" : null);
        WaitUntil(
            "recovery", () => _world.Store.Leases.All(lease => lease.IsLive(_world.Now)) ? null : "an app key has no holder with slots");
        var options = _plan.Options;
        var count = Math.Min(_keys.Length, _plan.AppKeys * _plan.Slots);

        // Waiting for an hourly budget or a remembered refusal would take most of the time of a run.
        var isLimited = _world.Store.Leases.Any(lease =>
            LeaseRow.Left(lease.Registrations, options.NewRegistrations, _world.Now) < Math.Min(
                _plan.Slots, options.NewRegistrations.PerMinute)
            || LeaseRow.Left(lease.Attempts, options.Attempts, _world.Now) == 0);
        if (isLimited || _world.Store.Keys.Any(key => key.RefusedUntil > _world.Now || key.AvoidUntil > _world.Now))
            return;

        // A session that could not connect gets one key to try with before it gets others.
        if (_running.Values.OfType<ModelIngest>().Any(ingest => ingest.Units.Any(unit => unit.HasFailed)))
            return;
        for (var i = 0; i < count; i++)
            edges[i % edges.Count].Add(_keys[i]);
        var start = _world.Now;
        WaitUntil("fairness", FindUnsettled);
        if (options.FairDelay == TimeSpan.Zero || _world.Now - start > options.FairDelay)
            return;
        var loads = _world.Store.Leases.Select(lease => lease.Load).ToList();
        ModelChecks.Holds(loads.Max() - loads.Min() <= 1, "fairness", $"the app keys hold {string.Join(", ", loads)} keys");
    }
}

/// <summary>The result of a simulated cluster.</summary>
internal sealed record ModelResult(ModelPlan Plan, int Events, string? Invariant, string? Message, IReadOnlyList<string> Trace)
{
    public bool IsFailure => Invariant is not null;
}
