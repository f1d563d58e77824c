namespace KisFeed.TestSupport;

/// <summary>A clock that advances only on request, and fires the timers that become due in order.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan DueIn, TaskCompletionSource Signal)> _waiters = [];
    private DateTimeOffset _now = new(2026, 11, 20, 0, 30, 1, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes when a timer is set that is due in this time from now.</summary>
    public Task TimerDueInAsync(TimeSpan dueIn)
    {
        lock (_gate)
        {
            if (IsDueIn(dueIn))
                return Task.CompletedTask;
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((dueIn, signal));
            return signal.Task.WaitAsync(Patience.Limit);
        }
    }

    public void Advance(TimeSpan time)
    {
        DateTimeOffset end;
        lock (_gate)
            end = _now + time;
        while (DequeueDue(end) is { } timer)
            timer.Fire();
        lock (_gate)
            _now = end;
    }

    /// <summary>
    /// Advances the time, and advances it by the timeout again while another timer with that timeout is set. A timeout may be extended if
    /// the other side has just been answered.
    /// </summary>
    public async Task AdvancePastAsync(TimeSpan rest, TimeSpan timeout)
    {
        for (Advance(rest); IsDueIn(timeout); Advance(timeout))
            await Task.Yield();
    }

    private bool IsDueIn(TimeSpan time)
    {
        lock (_gate)
            return _timers.Exists(timer => timer.Due == _now + time);
    }

    private ManualTimer? DequeueDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
                return null;
            _now = next.Due;
            next.Advance();
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                owner._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = owner._now + dueTime;
                owner._timers.Add(this);
                foreach (var (_, signal) in owner._waiters.Where(waiter => owner._now + waiter.DueIn == Due))
                    signal.TrySetResult();
                return true;
            }
        }

        public void Advance()
        {
            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
                owner._timers.Remove(this);
            else
                Due += _period;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._gate)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
