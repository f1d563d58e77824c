namespace KisFeed.Cli.Tests.Running;

/// <summary>A clock on the wall that stands still; timers go on.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
