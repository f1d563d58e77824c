namespace KisFeed.Cli.Tests.Running;

/// <summary>The reconnect policy of tests: short delays and practically unlimited attempts.</summary>
internal static class QuickReconnect
{
    public static ReconnectPolicy Policy { get; } = new()
    {
        InitialDelay = TimeSpan.FromMilliseconds(20),
        MaxDelay = TimeSpan.FromMilliseconds(200),
        MaxRefusedDelay = TimeSpan.FromMilliseconds(500),
        AttemptsPerMinute = 1_000,
        AttemptsPerHour = 10_000,

        // A cut session may hold the app key until the server has noticed.
        AppKeyInUseDelay = TimeSpan.FromMilliseconds(100),
    };
}
