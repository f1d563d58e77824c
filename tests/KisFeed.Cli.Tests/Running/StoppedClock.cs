namespace KisFeed.Cli.Tests.Running;

/// <summary>A clock with a fixed time of day; timers run normally.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
