namespace KisFeed.Coordination.Tests.Model;

/// <summary>A process of the cluster: an ingest or an edge.</summary>
internal abstract class ModelProcess
{
    private readonly Queue<Action> _late = new();
    private readonly double _speed;
    private readonly TimeSpan _offset;
    private TimeSpan _cutUntil;

    protected ModelProcess(ModelWorld world, string name, ModelRandom random)
    {
        World = world;
        Name = name;
        Random = random;
        StartedAt = world.Now;
        var hasOwnClock = (world.Plan.Faults & ModelFaults.Clocks) != ModelFaults.None;
        _speed = hasOwnClock ? 0.99 + (0.02 * random.NextDouble()) : 1;
        _offset = TimeSpan.FromHours(random.Next(1_000));
    }

    public ModelWorld World { get; }

    public string Name { get; }

    public ModelRandom Random { get; }

    public TimeSpan StartedAt { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsFrozen { get; private set; }

    public bool IsRunning => IsAlive && !IsFrozen;

    public bool IsCut => World.Now < _cutUntil;

    /// <summary>The monotonic clock of the process.</summary>
    public TimeSpan Clock => _offset + (World.Now * _speed);

    /// <summary>Runs something in the process, when it runs.</summary>
    public void Post(Action action)
    {
        if (!IsAlive)
            return;
        if (IsFrozen)
            _late.Enqueue(action);
        else
            action();
    }

    /// <summary>Runs something when the clock of the process shows a time.</summary>
    public void At(TimeSpan clock, Action action)
    {
        var time = TimeSpan.FromTicks((long)Math.Ceiling((clock - _offset).Ticks / _speed) + 1);
        World.At(time + Random.NextMilliseconds(0, 5), () => Post(action));
    }

    public void Cut(TimeSpan time)
    {
        World.Log($"{Name} cannot reach the store for {time.TotalSeconds:0.0} s");
        _cutUntil = World.Now + time;
        World.SetTrouble(_cutUntil);
    }

    public void Freeze(TimeSpan time)
    {
        if (IsFrozen)
            return;
        World.Log($"{Name} freezes for {time.TotalSeconds:0.0} s");
        IsFrozen = true;
        World.SetTrouble(World.Now + time);
        World.After(time, () =>
        {
            if (!IsAlive)
                return;
            World.Log($"{Name} continues");
            IsFrozen = false;

            // Sockets and timers become due at once, in any order.
            var late = _late.ToList();
            _late.Clear();
            while (late.Count > 0 && IsRunning)
            {
                var i = Random.Next(late.Count);
                var action = late[i];
                late.RemoveAt(i);
                action();
            }

            foreach (var rest in late)
                _late.Enqueue(rest);
        });
    }

    public void Crash()
    {
        World.Log($"{Name} crashes");
        World.SetTrouble();
        IsAlive = false;
        OnGone();
    }

    public void Stop()
    {
        World.Log($"{Name} stops");
        World.SetTrouble();
        OnStopping();
        IsAlive = false;
        OnGone();
    }

    /// <summary>A notification has arrived.</summary>
    public abstract void Wake();

    protected abstract void OnStopping();

    protected virtual void OnGone()
    {
    }
}
