using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>The broker: accepts sessions and registrations, and watches who acts.</summary>
internal sealed class ModelBroker(ModelWorld world, ModelRandom random)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly Dictionary<string, List<TimeSpan>> _attempts = [];
    private readonly HashSet<(ClusterKey Key, long KeyEpoch, string AppKey)> _registered = [];
    private readonly Dictionary<(ClusterKey Key, long KeyEpoch), string> _publishers = [];

    /// <summary>All sessions that are open.</summary>
    public List<ModelSession> Sessions { get; } = [];

    private bool IsStrict => world.Plan.Options.OnStoreOutage == StoreOutagePolicy.StandDown;

    public void OnAttempt(ModelUnit unit)
    {
        world.Log($"{unit} connects");
        if (!_attempts.TryGetValue(unit.AppKey, out var attempts))
            _attempts.Add(unit.AppKey, attempts = []);
        attempts.Add(world.Now);
        if (!IsStrict)
            return;

        // The request was recorded up to 20 ms before, by another clock.
        var slack = TimeSpan.FromMilliseconds(50);
        var limit = world.Plan.Options.Attempts;
        ModelChecks.Holds(
            attempts.Count(at => at > world.Now - s_minute + slack + world.Plan.Options.LeaseTtl) <= limit.PerMinute,
            "attempt budget",
            $"{unit.AppKey} has made more than {limit.PerMinute} attempts within a minute");
        ModelChecks.Holds(
            attempts.Count(at => at > world.Now - s_hour + slack + world.Plan.Options.LeaseTtl) <= limit.PerHour,
            "attempt budget",
            $"{unit.AppKey} has made more than {limit.PerHour} attempts within an hour");
    }

    /// <summary>A session opens; <see langword="null"/> if the broker refuses it.</summary>
    public ModelSession? OnConnected(ModelUnit unit)
    {
        foreach (var other in Sessions.Where(other => other.Unit.AppKey == unit.AppKey).ToList())
        {
            if (!IsStrict)
            {
                // ALREADY IN USE appkey.
                if (other.Unit.Process.IsRunning)
                    return null;
                other.Die();
                other.Unit.Process.Post(() => other.Unit.OnClosed(other));
                continue;
            }

            ModelChecks.Holds(!other.Unit.Process.IsRunning, "one session", $"{unit} connects while {other.Unit} has a session");
            other.IsSuperseded = true;
        }

        world.Log($"{unit} is connected");
        var session = new ModelSession(unit, this);
        Sessions.Add(session);
        return session;
    }

    /// <summary>A key is registered. Returns how it is refused.</summary>
    public PlacementReportKind? OnRegister(ModelSession session, ClusterKey key, long keyEpoch)
    {
        CheckActs(session);
        ModelChecks.Holds(session.Keys.Count < world.Plan.Slots, "slots", $"{session.Unit} registers more than {world.Plan.Slots} keys");
        if (IsStrict)
        {
            foreach (var other in Sessions)
            {
                ModelChecks.Holds(
                    other == session || other.IsSuperseded || !other.Unit.Process.IsRunning || !other.Has(key),
                    "registered once",
                    $"{session.Unit} registers {key.Key}, which {other.Unit} has registered");
            }
            ModelChecks.Holds(
                _publishers.TryAdd((key, keyEpoch), session.Unit.ToString()) || _publishers[(key, keyEpoch)] == session.Unit.ToString(),
                "key epoch",
                $"{session.Unit} registers {key.Key} with the epoch {keyEpoch}, as {_publishers.GetValueOrDefault((key, keyEpoch))} did");
        }

        if (world.Occurs(ModelFaults.Refusals, 0.2))
        {
            world.SetTrouble();
            return random.NextBool(0.5) ? PlacementReportKind.Refused : PlacementReportKind.Failed;
        }

        session.Keys.Add(key);
        _registered.Add((key, keyEpoch, session.Unit.AppKey));
        return null;
    }

    public static void OnRelease(ModelSession session, ClusterKey key)
    {
        CheckActs(session);
        session.Keys.Remove(key);
    }

    private static void CheckActs(ModelSession session) =>
        ModelChecks.Holds(
            !session.IsSuperseded, "one session", $"{session.Unit} sends on its session although another one was opened with the app key");
}

/// <summary>A session at the broker.</summary>
internal sealed class ModelSession(ModelUnit unit, ModelBroker broker)
{
    public ModelUnit Unit => unit;

    /// <summary>Whether another process has opened a session while this one did not run.</summary>
    public bool IsSuperseded { get; set; }

    public HashSet<ClusterKey> Keys { get; } = [];

    public bool Has(ClusterKey key) => Keys.Contains(key);

    public void Die() => broker.Sessions.Remove(this);
}
