namespace KisFeed.Dashboard.Day;

/// <summary>A clock that goes a number of times as fast as the system's, from the moment at which it is made. Whatever waits by it waits that much shorter.</summary>
/// <param name="speed">How many times as fast.</param>
internal sealed class FastClock(double speed) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startStamp = System.GetTimestamp();
    private volatile Stretch _stretch = new(System.GetTimestamp(), 0, speed);

    public override long TimestampFrequency => System.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => System.LocalTimeZone;

    /// <summary>Goes on at another speed. What waits already waits as long as it was to.</summary>
    public void GoOnAt(double speed)
    {
        var now = System.GetTimestamp();
        _stretch = new Stretch(now, _stretch.PassedAt(now), speed);
    }

    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(_startStamp);

    public override long GetTimestamp() => _startStamp + _stretch.PassedAt(System.GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    // What is due at all is due no sooner than the system can tell, so that nothing that waits a little spins.
    private TimeSpan Real(TimeSpan span) => span <= TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(Math.Max(1, (span / _stretch.Speed).TotalMilliseconds));

    // From a moment on the system's clock, at which so much had passed on this one.
    private sealed record Stretch(long Since, long Before, double Speed)
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
