namespace KisFeed.Dashboard.Day;

/// <summary>A clock that runs faster than the system's from its creation on. Its timers are shorter accordingly.</summary>
/// <param name="speed">The speed, relative to the system's clock.</param>
internal sealed class FastClock(double speed) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startStamp = System.GetTimestamp();
    private volatile Segment _segment = new(System.GetTimestamp(), 0, speed);

    public override long TimestampFrequency => System.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => System.LocalTimeZone;

    /// <summary>Changes the speed. Running timers are not affected.</summary>
    public void SetSpeed(double speed)
    {
        var now = System.GetTimestamp();
        _segment = new Segment(now, _segment.PassedAt(now), speed);
    }

    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(_startStamp);

    public override long GetTimestamp() => _startStamp + _segment.PassedAt(System.GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    // At least a millisecond, so that short delays do not become busy loops.
    private TimeSpan Real(TimeSpan span) =>
        span <= TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(Math.Max(1, (span / _segment.Speed).TotalMilliseconds));

    // A period of constant speed: its start on the system's clock, and the ticks that had passed before.
    private sealed record Segment(long Since, long Before, double Speed)
    {
        public long PassedAt(long stamp) => Before + (long)((stamp - Since) * Speed);
    }

    private sealed class FastTimer(ITimer timer, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
