namespace KisFeed.Cli.Tests.Running;

/// <summary>When commands connect again in tests: soon, and as often as it takes.</summary>
internal static class QuickReconnect
{
    public static ReconnectPolicy Policy { get; } = new()
    {
        InitialDelay = TimeSpan.FromMilliseconds(20),
        MaxDelay = TimeSpan.FromMilliseconds(200),
        AttemptsPerMinute = 1_000,
        AttemptsPerHour = 10_000,
    };
}
