namespace KisFeed.Testing;

/// <summary>How long a test waits for what must happen before it fails: generous, because it is never reached when all is well.</summary>
internal static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);
}
