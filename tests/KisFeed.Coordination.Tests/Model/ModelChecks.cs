using System.Runtime.CompilerServices;
using KisFeed.Coordination.Tests.Staging;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>What must hold after each step.</summary>
internal sealed class ModelChecks(ModelWorld world)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ClusterKey, long> _keyEpochs = [];
    private readonly Dictionary<string, (long Epoch, string Holder)> _leases = [];
    private readonly Dictionary<LeaseRow, List<TimeSpan>> _claims = [];
    private readonly Dictionary<KeyRow, TimeSpan> _unplacedSince = [];
    private readonly Dictionary<ClusterKey, TimeSpan> _unwantedSince = [];
    private TimeSpan _nextAt;

    public ModelBroker? Broker { get; set; }

    // Everything that may have to pass before a key is registered after the last trouble: a lease expires, others get their chance,
    // the session connects and registers.
    private TimeSpan PlacementBound
    {
        get
        {
            var options = world.Plan.Options;
            return (options.LeaseTtl * 4) + options.TakeoverDelay + options.FairDelay + options.MinimumHold + options.RetryDelay
                + (options.PollInterval * 4) + TimeSpan.FromSeconds(10);
        }
    }

    public static void Holds(bool condition, string invariant, string message)
    {
        if (!condition)
            throw new ModelException(invariant, message);
    }

    public static void Holds(bool condition, string invariant, [InterpolatedStringHandlerArgument(nameof(condition))] ref ModelText message)
    {
        if (!condition)
            throw new ModelException(invariant, message.ToStringAndClear());
    }

    public void OnHolderChanged(KeyRow key)
    {
        Holds(
            key.KeyEpoch > _keyEpochs.GetValueOrDefault(key.Key),
            "key epoch",
            $"{key.Key} has the epoch {key.KeyEpoch} after {_keyEpochs.GetValueOrDefault(key.Key)}");
        _keyEpochs[key.Key] = key.KeyEpoch;
        world.Log($"the store: {key.Key.Key} goes to {key.Holder!.AppKey} epoch {key.KeyEpoch}");
    }

    public void OnClaimed(LeaseRow lease)
    {
        if (!_claims.TryGetValue(lease, out var claims))
            _claims.Add(lease, claims = []);
        claims.Add(world.Now);
        var limit = world.Plan.Options.NewRegistrations;
        Holds(
            claims.Count(at => at > world.Now - s_minute) <= limit.PerMinute
                && claims.Count(at => at > world.Now - s_hour) <= limit.PerHour,
            "registration budget",
            $"{lease.AppKey} has claimed too many keys");
    }

    public void OnLease(ModelUnit unit, long epoch)
    {
        var (last, holder) = _leases.GetValueOrDefault(unit.AppKey);
        Holds(
            epoch == last + 1 || (epoch == last && holder == unit.Process.Name),
            "lease epoch",
            $"{unit} holds epoch {epoch} after {holder} held {last}");
        _leases[unit.AppKey] = (epoch, unit.Process.Name);
    }

    public void AfterStore()
    {
        foreach (var lease in world.Store.Leases)
        {
            Holds(lease.Load <= world.Plan.Slots, "slots", $"{lease.AppKey} holds {lease.Load} keys");
            var count = 0;
            foreach (var key in world.Store.Keys)
                count += key.Holder == lease ? 1 : 0;
            Holds(lease.Load == count, "store", "the count of keys is wrong");
        }
    }

    public void AfterEvent()
    {
        if (world.Now < _nextAt)
            return;
        _nextAt = world.Now + s_interval;
        CheckUnplaced();
        CheckUnwanted();
    }

    private void CheckUnplaced()
    {
        var isPossible = world.Now > world.TroubleAt && !world.IsAway && FreeSlots() > 0;
        foreach (var key in world.Store.Keys)
        {
            var isUnplaced = key.Edges > 0
                && key.State != PlacementState.Registered
                && !(key.State == PlacementState.Refused && key.RefusedUntil > world.Now);
            if (!isPossible || !isUnplaced)
            {
                _unplacedSince.Remove(key);
                continue;
            }

            _unplacedSince.TryAdd(key, world.Now);
            var since = _unplacedSince[key] > world.TroubleAt ? _unplacedSince[key] : world.TroubleAt;
            Holds(
                world.Now - since <= PlacementBound,
                "wanted is registered",
                $"{key.Key} is {key.State} for {(world.Now - since).TotalSeconds:0.0} s although {FreeSlots()} slots are free");
        }
    }

    // Slots of ingests that could register a key now.
    private int FreeSlots()
    {
        var free = 0;
        foreach (var process in world.Processes)
        {
            if (process is not ModelIngest ingest)
                continue;
            foreach (var unit in ingest.Units)
            {
                if (!unit.IsReady
                    || world.Store.Leases.FirstOrDefault(lease => lease.AppKey == unit.AppKey) is not { } lease
                    || lease.Holder != ingest.Name)
                {
                    continue;
                }
                var options = world.Plan.Options;
                if (LeaseRow.Left(lease.Registrations, options.NewRegistrations, world.Now) > 0
                    && LeaseRow.Left(lease.Attempts, options.Attempts, world.Now) > 0)
                {
                    free += unit.CanConnect ? world.Plan.Slots - lease.Load : 0;
                }
                else
                {
                    return 0;
                }
            }
        }

        return free;
    }

    private void CheckUnwanted()
    {
        var options = world.Plan.Options;
        var bound = options.ReleaseGrace + options.MinimumHold + options.EdgeTtl + PlacementBound;
        var wanted = world.Processes.OfType<ModelEdge>().Where(edge => edge.IsAlive).SelectMany(edge => edge.Wanted).ToHashSet();
        var held = Broker!.Sessions.Where(session => session.Unit.Process.IsRunning).SelectMany(session => session.Keys).ToHashSet();
        foreach (var key in _unwantedSince.Keys.Where(key => !held.Contains(key) || wanted.Contains(key)).ToList())
            _unwantedSince.Remove(key);
        foreach (var key in held.Where(key => !wanted.Contains(key)))
        {
            if (world.Now <= world.TroubleAt || !_unwantedSince.TryAdd(key, world.Now))
                continue;
            var since = _unwantedSince[key] > world.TroubleAt ? _unwantedSince[key] : world.TroubleAt;
            Holds(
                world.Now - since <= bound,
                "unwanted is released",
                $"{key} is registered and nobody wants it for {(world.Now - since).TotalSeconds:0.0} s");
        }
    }
}

/// <summary>An invariant is violated.</summary>
#pragma warning disable CA1032, RCS1194 // Thrown in one place.
internal sealed class ModelException(string invariant, string message) : Exception(message)
#pragma warning restore CA1032, RCS1194
{
    public string Invariant => invariant;
}
