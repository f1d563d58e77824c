using System.Collections.Immutable;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>An edge with consumers.</summary>
internal sealed class ModelEdge : ModelProcess, IDemandActions
{
    private readonly Dictionary<ClusterKey, int> _consumers = [];
    private readonly EdgeDemand _demand;
    private int _timer;

    public ModelEdge(ModelWorld world, string name, ModelRandom random)
        : base(world, name, random)
    {
        _demand = new EdgeDemand(world.Plan.Options.PollInterval, this);
        _demand.Start(Clock);
    }

    /// <summary>The keys that its consumers want.</summary>
    public IReadOnlyCollection<ClusterKey> Wanted => _consumers.Keys;

    public WantedKey? Find(ClusterKey key) => _demand.Find(key);

    public void Add(ClusterKey key)
    {
        World.Log($"{Name} wants {key.Key}");
        _consumers[key] = _consumers.GetValueOrDefault(key) + 1;
        _demand.Add(key, Clock);
    }

    public void Remove(ClusterKey key, bool all = false)
    {
        do
        {
            if (!_consumers.TryGetValue(key, out var count))
                return;
            if (count == 1)
                _consumers.Remove(key);
            else
                _consumers[key] = count - 1;
            _demand.Remove(key, Clock);
        }
        while (all);

        World.Log($"{Name} wants {key.Key} by {_consumers.GetValueOrDefault(key)}");
    }

    public override void Wake() => _demand.Wake(Clock);

    void IDemandActions.Sync(long sequence, bool isFull, ImmutableArray<ClusterKey> added, ImmutableArray<ClusterKey> removed)
    {
        var options = World.Plan.Options;
        var request = new EdgeRequest(Name, sequence, isFull, added, removed, options.EdgeTtl, options.TakeoverDelay);
        World.Call(
            this,
            () =>
            {
                var answer = World.Store.SyncEdge(request);
                if (added.Length > 0 || removed.Length > 0)
                    World.Notify();
                return answer;
            },
            answer => _demand.Answered(sequence, answer, Clock),
            () => _demand.Failed(sequence, Clock));
    }

    void IDemandActions.SetTimer(TimeSpan dueAt)
    {
        var number = ++_timer;
        At(dueAt, () =>
        {
            if (number == _timer)
                _demand.TimerDue(Clock);
        });
    }

    void IDemandActions.Changed(WantedKey wanted) =>
        World.Log($"{Name} is told: {wanted.Key.Key} {wanted.State} epoch {wanted.KeyEpoch} {wanted.Code}");

    protected override void OnStopping()
    {
        _demand.Stop();
        World.Call(this, () => { World.Store.RemoveEdge(Name); World.Notify(); return true; }, static _ => { }, static () => { });
    }
}
