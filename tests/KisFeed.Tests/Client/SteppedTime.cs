namespace KisFeed.Tests.Client;

/// <summary>A clock that a test advances. Its timers are the system's.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly DateTimeOffset _start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override long GetTimestamp() => TimeSpan.TicksPerDay + Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}

/// <summary>The system clock, set forward.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
